from website.build import build

print(f"The website is in {build()}")

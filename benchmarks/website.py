"""What does a page of the website weigh?

    python benchmarks/website.py

Builds the site, opens each page in a browser, scrolls through it so that every view and picture is
loaded, and adds up what came: in thousands of bytes, and behind the slash as a server with gzip
sends it. The bound is 500 for a page without its pictures, unpacked.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.views.view_tools import FLAGS, find_chromium
from tests.website_tools import SCROLL, WEIGHED, Visit, served
from website.build import build


def main():
    start = time.process_time()
    html = build()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() - start + children.ru_utime + children.ru_stime
    print(f"built in {seconds:.0f} s of processor time\n")
    kinds = [*WEIGHED.values(), "pictures"]
    print(f"{'page':20}", *(f"{kind:>12}" for kind in ["without", *kinds]))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        with served(html, Path(folder)) as address:
            for path in sorted(html.glob("*.html")):
                visit = Visit(browser, address, path.name)
                visit.page.evaluate(SCROLL)
                weights = visit.weights(html)
                sums = [sum(weights[kind][i] for kind in WEIGHED.values()) for i in (0, 1)]
                columns = [sums, *(weights[kind] for kind in kinds)]
                shown = (f"{plain / 1e3:.0f} / {packed / 1e3:.0f}" for plain, packed in columns)
                print(f"{path.stem:20}", *(f"{text:>12}" for text in shown))
                visit.context.close()
        browser.close()


if __name__ == "__main__":
    main()

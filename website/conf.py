"""Sphinx's settings for the website."""

project = "From Tensors to Memory"
html_title = project
language = "en"
smartquotes = False  # the pages say what the notebooks say

extensions = ["myst_parser", "website.formulas"]
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"

html_theme = "furo"
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
html_favicon = "static/icon.svg"
html_css_files = ["website.css"]
html_js_files = [("website.js", {"defer": ""}), ("views.js", {"defer": ""})]
templates_path = ["templates"]
html_context = {
    "license": "Text and pictures: CC BY 4.0. Code: BSD 3-Clause License. Made with ",
}
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False

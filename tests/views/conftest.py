"""Pages that show one view each."""

import json

import pytest

# Lets the page's model tell Python of changes, as Jupyter's does.
BRIDGE = """
  async save_changes() {
    const answer = JSON.parse(await window.tellPython(JSON.stringify(state)));
    for (const [name, value] of Object.entries(answer)) this.set(name, value);
  },"""

# Gives the tests a hand on the page's model.
EXPOSE = "\nObject.assign(window, { model, listeners, view });\nview.default"


@pytest.fixture
def open_view(browser, tmp_path):
    """Opens a view in a page of its own, offline; errors on the page fail the test.

    With `live=True` the page's changes reach the Python object, and its verdicts the page.
    """
    contexts, errors = [], []

    def open_(view, live=False, width=1200, height=900, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda line: line.type == "error" and errors.append(line.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        html = view.to_html().replace("\nview.default", EXPOSE)
        if live:
            page.expose_function("tellPython", lambda text: _tell(view, json.loads(text)))
            html = html.replace("\n  save_changes() {},", BRIDGE)
            html = html.replace('"offline": true', '"offline": false')
        path = tmp_path / f"view{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        page.goto(path.as_uri())
        page.wait_for_selector(".ttm-view")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors


def _tell(view, state):
    names = set(state) & set(view._asks) | {"prediction"}
    view.set_state({name: state[name] for name in names})
    return json.dumps({"verdicts": view.verdicts})

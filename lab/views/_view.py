"""What all views have in common."""

import base64
import json
from html import escape
from pathlib import Path

import anywidget
import traitlets
from IPython.display import HTML, display

STATIC = Path(__file__).parent / "static"

# The stand-in for the notebook where there is none: it keeps the traits and tells of changes.
MODEL = """\
const listeners = new Map();
const model = {
  get: (name) => state[name],
  set(name, value) {
    state[name] = value;
    listeners.get(`change:${name}`)?.forEach((f) => f());
  },
  on: (event, f) => listeners.set(event, [...(listeners.get(event) ?? []), f]),
  off: (event, f) => listeners.set(event, (listeners.get(event) ?? []).filter((g) => g !== f)),
  save_changes() {},
};
"""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 8px; font-family: system-ui, sans-serif; }}
h1 {{ margin: 8px; font-size: 20px; }}
{css}</style>
<main><h1>{title}</h1><div id="view"></div></main>
<script type="module">
const state = {state};
{model}const view = await import("data:text/javascript;base64,{module}");
view.default.render({{ model, el: document.getElementById("view") }});
</script>
</html>
"""

# In JupyterLab the picture steps back where the live view follows it, and what would stand in the
# live view's place steps back where there is none.
ONE_OF_TWO = """<style>
.jp-OutputArea-child:has(.ttm-picture):has(+ .jp-OutputArea-child .ttm-view),
.jp-OutputArea-child:has(.ttm-picture) + .jp-OutputArea-child:not(:has(.ttm-view)) {
  display: none;
}
</style>"""


def as_json(state: dict) -> str:
    """The state of a view as text for a script in a page that has no kernel."""
    hidden = {"layout", "tabbable", "tooltip"}
    shown = {name: state[name] for name in state if name[0] != "_" and name not in hidden}
    return json.dumps({**shown, "offline": True}).replace("<", "\\u003c")


class View(anywidget.AnyWidget):
    """An interactive picture: Python holds the numbers, the browser computes and draws.

    A view names its files in `lab/views/static/` and writes `describe()` and `picture()`.
    """

    title = ""
    offline = traitlets.Bool(False).tag(sync=True)
    prediction = traitlets.Unicode("").tag(sync=True)  # "skipped" opens without the question
    verdicts = traitlets.List().tag(sync=True)

    _asks = ()  # the traits after whose change the learner's functions are asked again
    _asked = None

    def describe(self) -> str:
        """What the view shows now, in one sentence."""
        raise NotImplementedError

    def picture(self) -> str:
        """What the view shows now, as SVG."""
        raise NotImplementedError

    def _settings(self) -> list:
        """What the learner's functions are asked about, as the browser compares it."""
        raise NotImplementedError

    def _judge(self) -> list:
        """The verdicts on the learner's functions."""
        raise NotImplementedError

    def _is_covered(self) -> bool:
        """Whether the view's question is open: then nothing may tell its answer."""
        return False

    def __init__(self, **traits):
        super().__init__(**traits)
        self.observe(self._ask, names=list(self._asks))
        self._ask()

    def _ask(self, _=None):
        settings = self._settings()
        if settings != self._asked:
            self._asked = settings
            self.verdicts = self._judge()

    def figure(self) -> str:
        """The picture and its sentence as HTML, for where no kernel runs."""
        data = base64.b64encode(self.picture().encode()).decode()
        sentence = escape(self.describe(), quote=True)
        said = "".join(f"<br>{escape(self._told(verdict))}" for verdict in self.verdicts)
        image = f'<img alt="{sentence}" src="data:image/svg+xml;base64,{data}">'
        caption = f"<figcaption>{sentence}{said}</figcaption>"
        return f'<figure class="ttm-picture">{ONE_OF_TWO}{image}{caption}</figure>'

    def _told(self, verdict):
        """What tells of a difference names results: it is covered too, as in the browser."""
        if verdict["state"] == "differs" and self._is_covered():
            name = verdict["name"]
            return f"Your {name} differs; where and how, you see when you have answered."
        return verdict["text"]

    def _ipython_display_(self, **options):
        """Show two outputs, the picture and the live view, of which a reader sees one.

        One output with both would not do: reopened without a kernel, JupyterLab looks for the
        live view's model, finds none, and says so in place of the picture.
        """
        bundle, metadata = super()._repr_mimebundle_(**options)
        bundle["text/plain"] = self.describe()
        display(HTML(self.figure()))
        display(bundle, metadata=metadata, raw=True)

    def to_html(self, path=None) -> str:
        """The view as one HTML file that works without kernel and network.

        Writes it to `path` if one is given; returns the text.
        """
        html = PAGE.format(
            title=escape(self.title),
            css=Path(STATIC / f"{self._name}.css").read_text(encoding="utf-8"),
            state=as_json(self.get_state()),
            model=MODEL,
            module=base64.b64encode((STATIC / f"{self._name}.js").read_bytes()).decode(),
        )
        if path is not None:
            Path(path).write_text(html, encoding="utf-8")
        return html

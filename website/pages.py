"""Pages of the website: a chapter's executed notebook as MyST Markdown.

Solutions are folded below what specifies them, pictures become files, and each view is written
with the state from which the browser goes on computing.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from pydoc import locate

from nbformat.notebooknode import NotebookNode

from autograder.build import BEGIN, END
from autograder.cells import solved_exercise
from lab.views import _view

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


class Pages:
    """Writes pages, and their pictures into the folder ``pictures``."""

    def __init__(self, pictures: Path):
        self.pictures = pictures
        pictures.mkdir(parents=True, exist_ok=True)

    def chapter(self, notebook: NotebookNode, lead: str) -> str:
        """Return a chapter's page; ``lead`` follows its title."""
        states = notebook.metadata["widgets"][STATE]["state"]
        title, _, rest = notebook.cells[0].source.partition("\n")
        parts = [title, lead, rest]
        for cell in notebook.cells[1:]:
            if cell.cell_type == "markdown":
                parts.append(_prose(cell.source))
            else:
                parts += [*_source(cell), *self._outputs(cell.outputs, states)]
        return "\n\n".join(parts) + "\n"

    def live(self, view: _view.View) -> str:
        """Return a view that works in the page."""
        return _raw(self._alive(view.figure(), type(view)._name, view.get_state()))

    def _outputs(self, outputs: list[NotebookNode], states: dict) -> Iterator[str]:
        figure = ""
        for output in outputs:
            if output.output_type == "stream":
                yield _fenced("text", _tidy(output.text), "output")
            elif VIEW in output.data:
                state = states[output.data[VIEW]["model_id"]]["state"]
                if "_anywidget_id" in state:  # else it is a progress bar
                    name = locate(state["_anywidget_id"])._name
                    yield _raw(self._alive(figure, name, state))
            elif "ttm-picture" in output.data.get("text/html", ""):
                figure = output.data["text/html"]  # its view comes next
            elif "text/html" in output.data:
                html = self._with_files(output.data["text/html"])
                yield _raw(f'<div class="output">{html}</div>')
            else:
                yield _fenced("text", output.data["text/plain"], "output")

    def _alive(self, figure: str, name: str, state: dict) -> str:
        """A view's picture, until the browser draws the view from its state in the same place."""
        picture = self._with_files(figure.replace(_view.ONE_OF_TWO, ""))
        state = f'<script type="application/json">{_view.as_json(state)}</script>'
        return f'<div class="view" data-view="{name}">{picture}{state}</div>'

    def _with_files(self, html: str) -> str:
        """HTML whose pictures are files instead of data, of known size, loaded when near."""
        return re.sub(r'src="data:image/([a-z]+)[^,]*;base64,([^"]*)"', self._as_file, html)

    def _as_file(self, found: re.Match) -> str:
        data = base64.b64decode(found[2])
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.{found[1]}"
        (self.pictures / name).write_bytes(data)
        width, height = _size(data)
        size = f'width="{width}" height="{height}"'
        return f'src="_static/{self.pictures.name}/{name}" {size} loading="lazy"'


def _prose(source: str) -> str:
    """The text of a cell; what answers a written question is folded."""
    if not source.startswith(BEGIN):
        return source
    answer = source.removeprefix(BEGIN).removesuffix(END).strip()
    return _folded("An answer that gets all points", answer)


def _source(cell: NotebookNode) -> Iterator[str]:
    """The code of a cell; of an exercise, what is given stands open and the rest is folded."""
    exercise = solved_exercise(cell)
    if not exercise:
        yield _fenced("python", cell.source)
        return
    given, *rest = re.split(rf"\n *(?:{re.escape(BEGIN)}|{re.escape(END)})(?:\n|$)", cell.source)
    for solution, after in zip(rest[::2], rest[1::2], strict=True):
        method = re.findall(r"def (\w+)", given)[-1]
        yield _fenced("python", given.strip("\n"), "exercise")
        solution = _fenced("python", solution.lstrip("\n"))
        yield _folded(f"A solution of <code>{method}</code>", solution)
        given = after
    if given.strip():
        yield _fenced("python", given.strip("\n"))


def _fenced(language: str, text: str, classes: str = "") -> str:
    option = f":class: {classes}\n" if classes else ""
    fence = "`" * max(4, *(len(run) + 1 for run in re.findall("`+", text)), 4)
    return f"{fence}{{code-block}} {language}\n{option}\n{text.rstrip()}\n{fence}"


def _raw(html: str) -> str:
    return f"``````{{raw}} html\n{html}\n``````"


def _folded(title: str, body: str) -> str:
    opening = f'<details class="solution"><summary>{title}</summary>'
    return f"{_raw(opening)}\n\n{body}\n\n{_raw('</details>')}"


def _tidy(text: str) -> str:
    """A warning without the file in which the kernel kept the cell, nor the line itself."""
    return re.sub(r"^/\S*ipykernel\S*: (\w+: .*)\n  .*$", r"\1", text, flags=re.MULTILINE)


def _size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG or SVG picture."""
    if picture.startswith(b"\x89PNG"):
        return struct.unpack(">II", picture[16:24])
    width, height = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture).groups()
    return round(float(width)), round(float(height))

"""Cleaning: what a student wrote, as text that is safe on any page that shows it.

A graded notebook is shown by JupyterLab, by formgrader and as feedback, each with a Markdown
parser of its own. So nothing here depends on a parser: what a student wrote never has the few
pairs of characters with which every parser begins a tag, a link or a picture.
"""

import re

from nbformat import v4
from nbformat.notebooknode import NotebookNode, from_dict

from autograder.cells import checked_exercise, is_own

MAX_ANSWER = 20_000  # characters of a written answer
MAX_SOURCE = 20_000  # characters of a code cell's source, as it is shown
MAX_OUTPUT = 10_000  # characters of one output
MAX_OUTPUTS = 50  # outputs of one cell
MAX_OWN_CELLS = 100  # cells that a student added
MAX_PAGE = 300_000  # characters of students' text in a notebook

CUT = "\n… The rest is too long to be shown here."
CUT_MIDDLE = "\n… What stood here is too long to be shown.\n"
MORE_OUTPUTS = "… Further outputs of this cell are left out."
MORE_CELLS = "# Further cells of the student's own were run, and are left out here."

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# What a browser or a terminal would act on, what turns the direction of reading, and halves of
# characters, which no file can hold.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

TEX_THAT_ACTS = (
    # links, attributes and remote files
    r"html|href|url|class|cssId|data|style|bbox|tooltip|texttip|mathtip|toggle|unicode|mmlToken"
    r"|require|includegraphics|input"
    # definitions, which hold for the whole page
    r"|[egx]?def|let|futurelet|(?:re|provide)?new(?!line)|Declare"
)
# In TeX and in Python, a space more means the same.
ACTIVE = [
    (re.compile(r"!\[(?=[^\]\n]{0,200}\]\()"), "[picture, not shown here: "),
    (re.compile(r"<(?=[A-Za-z/!?])"), "< "),  # a tag, a comment, an <address>
    (re.compile(r"\](?=[(:])"), "] "),  # a link or the address of one
    # an entity, which would hide any of these; browsers read these four without a semicolon
    (re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;|(?i:amp|lt|gt|quot))"), "& "),
    (re.compile(rf"\\(?={TEX_THAT_ACTS})"), r"\\ "),
    (re.compile(r"(?<=[`~]{3})([^\S\n]*)(?=mermaid)", re.IGNORECASE), r"\1text "),  # a diagram
]


def plain(text: object) -> str:
    """``text`` without colors and with control characters made visible."""
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub(_picture, ANSI.sub("", lines))


def _picture(control: re.Match) -> str:
    code = ord(control[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def cut(text: str, limit: int) -> str:
    """``text``, or as much of its beginning as fits together with a line that says so."""
    return text if len(text) <= limit else text[: max(0, limit - len(CUT))] + CUT


def cut_middle(text: str, limit: int) -> str:
    """``text``, or its beginning and its end, where a traceback says what happened."""
    half = max(0, limit - len(CUT_MIDDLE)) // 2
    return text if len(text) <= limit else text[:half] + CUT_MIDDLE + text[len(text) - half :]


def written(answer: str) -> str:
    """A written answer in Markdown of which nothing loads, links elsewhere unseen, or acts.

    Emphasis, lists, tables, code and formulas stay. Tags, links and pictures become readable text;
    addresses in it may be clicked.
    """
    text = cut(plain(answer), MAX_ANSWER)
    for pattern, replacement in ACTIVE:
        text = pattern.sub(replacement, text)
    return cut(text, MAX_ANSWER)


def clean_sources(rebuilt: NotebookNode, released: NotebookNode) -> None:
    """Clean the written answers in a rebuilt notebook; code stays as it is, since it is to be run.

    An answer that nobody touched stays as it was handed out, and so does what we wrote ourselves.
    """
    ours = {cell.source for cell in released.cells}
    for cell in rebuilt.cells:
        if cell.source not in ours:
            cell.source = (
                cell.source.encode(errors="replace").decode()  # no file holds half a character
                if cell.cell_type == "code"
                else written(cell.source)
            )


def clean(notebook: NotebookNode) -> None:
    """Clean all that a student's code left in a notebook that has been run, and cap its size.

    The outputs of check cells are the judge's own, and written answers are clean already.
    """
    notebook.cells = _few_own(notebook.cells)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    left = MAX_PAGE
    for cell in notebook.cells:
        for name, note in cell.metadata.items():
            cell.metadata[name] = plain(note) if isinstance(note, str) else note
        if cell.cell_type == "code" and not checked_exercise(cell):
            _clean_code_cell(cell, left)
            left = max(0, left - _size(cell))
        elif is_own(cell):
            cell.source = cut(cell.source, left)
            left = max(0, left - len(cell.source))


def _few_own(cells: list[NotebookNode]) -> list[NotebookNode]:
    own = [cell.id for cell in cells if is_own(cell)]
    last, dropped = own[MAX_OWN_CELLS : MAX_OWN_CELLS + 1], set(own[MAX_OWN_CELLS + 1 :])
    return [
        v4.new_code_cell(MORE_CELLS, id=cell.id) if cell.id in last else cell
        for cell in cells
        if cell.id not in dropped
    ]


def _clean_code_cell(cell: NotebookNode, left: int) -> None:
    cell.source = cut(plain(cell.source), min(MAX_SOURCE, left))
    cell.execution_count = _count(cell.get("execution_count"))
    left -= len(cell.source)
    outputs = cell.outputs[:MAX_OUTPUTS]
    if len(cell.outputs) > MAX_OUTPUTS:
        outputs[-1] = new_output("stream", name="stdout", text=MORE_OUTPUTS)
    cell.outputs = [cleaned for cleaned in map(_clean_output, outputs) if cleaned]
    for output in cell.outputs:
        _cut_output(output, min(MAX_OUTPUT, max(0, left)))
        left -= len(_text(output))


def _clean_output(output: NotebookNode) -> NotebookNode | None:
    """A new output with the text of ``output``; None where it has none.

    The parts are made anew, since a kernel may send anything in place of a name or a number.
    """
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return new_output("stream", name=name, text=plain(output.get("text", "")))
        case "error":
            name, message = (plain(output.get(key, ""))[:200] for key in ("ename", "evalue"))
            lines = output.get("traceback")
            traceback = plain("\n".join(map(str, lines if isinstance(lines, list) else [lines])))
            return new_output("error", ename=name, evalue=message, traceback=[traceback])
    data = output.get("data")
    if not isinstance(data, dict) or "text/plain" not in data:
        return None
    shown = {"text/plain": plain(data["text/plain"])}
    if output.get("output_type") == "execute_result":
        count = _count(output.get("execution_count"))
        return new_output("execute_result", data=shown, execution_count=count)
    return new_output("display_data", data=shown)


def new_output(kind: str, **content: object) -> NotebookNode:
    """As nbformat's ``new_output``, which reads a schema for each output."""
    if kind in ("display_data", "execute_result"):
        content.setdefault("metadata", {})
    return from_dict({"output_type": kind, **content})


def _cut_output(output: NotebookNode, limit: int) -> None:
    text = _text(output)
    if output.output_type == "stream":
        output.text = cut(text, limit)
    elif output.output_type == "error":
        output.traceback = [cut_middle(text, limit)]
    else:
        output.data["text/plain"] = cut(text, limit)


def _text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    return output.traceback[0] if output.output_type == "error" else output.data["text/plain"]


def _size(cell: NotebookNode) -> int:
    return len(cell.source) + sum(len(_text(output)) for output in cell.outputs)


def _count(number: object) -> int | None:
    return number if type(number) is int and 0 <= number < 10**6 else None

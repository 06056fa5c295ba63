"""The file: which program saved it, and how."""

import json

import nbformat
from nbformat import v4

from autograder import demo
from tests.corpus import Work
from tests.honest import honest


def as_json(work: Work) -> dict:
    """The notebook as it stands in its file."""
    return json.loads(nbformat.writes(work.notebook))


def save(work: Work, notebook: dict, indent: int | None = 1) -> None:
    work.path.write_text(json.dumps(notebook, indent=indent))


def save_as_minor(work: Work, minor: int) -> None:
    """Save in an older notebook format, in which cells have no ids."""
    notebook = as_json(work)
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = minor
    save(work, notebook)


def forget_marks(work: Work) -> None:
    """Give every cell a new id and nothing else to know it by."""
    for number, cell in enumerate(work.notebook.cells):
        cell.id, cell.metadata = f"{number:08x}", {}


@honest()
def saved_by_colab(work):
    """Colab added its own metadata, ids and outputs, and took the ids of the cells."""
    work.notebook.cells.insert(0, v4.new_markdown_cell("<a href='x'>Open in Colab</a>"))
    work.add("#@title Set-up { display-mode: 'form' }\nsize = 3 #@param {type:'slider'}")
    work.add("!pip install -q numpy", before=work.notebook.cells[3])
    notebook = as_json(work)
    for number, cell in enumerate(notebook["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"x{number}Yz-_9", "cellView": "form"}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}}
            cell["metadata"]["outputId"] = f"{number}-1f"
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "accelerator": "GPU",
        "colab": {"name": "01_tensors.ipynb", "provenance": [], "gpuType": "T4"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    save(work, notebook, indent=2)


@honest()
def saved_by_vscode(work):
    """VS Code added its own metadata and left out what it does not need."""
    notebook = as_json(work)
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"{number:08x}"
        if cell["cell_type"] == "code":
            cell["metadata"]["vscode"] = {"languageId": "python"}
            cell["execution_count"] = None
    notebook["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.4)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.12.4"},
        "vscode": {"interpreter": {"hash": "0123"}},
    }
    notebook["nbformat_minor"] = 2
    save(work, notebook, indent=None)


@honest()
def marks_were_lost(work):
    """An editor took all metadata and all ids; own helpers stand between the answers."""
    work.write("tensors.relu_loop", "def relu_loop(x):\n    return positive(x)")
    work.add("positive = np.vectorize(lambda n: max(n, 0 * n))", work.cell("tensors.relu_loop"))
    forget_marks(work)


@honest()
def marks_were_lost_with_windows_line_ends(work):
    """All metadata and ids are gone, lines end as on Windows, and trailing spaces are trimmed."""
    forget_marks(work)
    for cell in work.notebook.cells:
        cell.source = "\r\n".join(line.rstrip() for line in cell.source.splitlines()) + "\r\n"


@honest()
def windows_line_ends(work):
    """Lines end as on Windows, in the file and in the cells, magics included."""
    work.cell("tensors.dense").source = "%%time\n" + demo.right("tensors.dense")
    for cell in work.notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    text = json.dumps(as_json(work), indent=1).replace("\n", "\r\n")
    work.path.write_bytes(text.encode())


@honest()
def byte_order_mark(work):
    """The file begins with the mark that editors on Windows write."""
    work.path.write_bytes(json.dumps(as_json(work), ensure_ascii=False).encode("utf-8-sig"))


@honest()
def format_4_0(work):
    """The file has the oldest format of version 4."""
    save_as_minor(work, 0)


@honest()
def format_4_4(work):
    """The file has the last format without ids for cells."""
    save_as_minor(work, 4)


@honest()
def format_of_tomorrow(work):
    """The file has a newer format than this program knows, with more keys."""
    notebook = as_json(work) | {"nbformat_minor": 9, "ai": {}}
    for cell in notebook["cells"]:
        cell["comments"] = []
    save(work, notebook)


@honest()
def keys_are_missing(work):
    """There are no outputs, no counts, no empty metadata, and each source is one string."""
    notebook = as_json(work)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        if not cell["metadata"]:
            del cell["metadata"]
    notebook["metadata"] = {}
    save(work, notebook)


@honest()
def another_kernel(work):
    """The notebook was last run by a kernel of another name, language and version."""
    work.notebook.metadata = {
        "kernelspec": {"display_name": "Julia 1.9", "language": "julia", "name": "julia-1.9"},
        "language_info": {"name": "julia", "version": "1.9.0", "file_extension": ".jl"},
    }


@honest()
def widgets_were_saved(work):
    """The state of the views was saved in the notebook."""
    state = {"model_id": {"model_module": "anywidget", "state": {"_esm": "x" * 500_000}}}
    mime = "application/vnd.jupyter.widget-state+json"
    work.notebook.metadata["widgets"] = {mime: {"state": state, "version_major": 2}}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "abc"}}
    for cell in work.notebook.cells:
        if "views." in cell.source and cell.cell_type == "code":
            cell.outputs = [v4.new_output("display_data", view)]


@honest()
def metadata_of_many_programs(work):
    """Tags, collapsed cells, timings and slides stand in the metadata of every cell."""
    for cell in work.notebook.cells:
        cell.metadata |= {
            "tags": ["skip-execution", "demo", "raises-exception", "hide"],
            "collapsed": True,
            "deletable": True,
            "editable": False,
            "slideshow": {"slide_type": "slide"},
            "execution": {"iopub.status.busy": "2024-01-01T00:00:00Z"},
        }


@honest()
def more_files_were_handed_in(work):
    """Beside the notebook lie a copy, its checkpoints, pictures and data."""
    for name in "01_tensors-Copy1.ipynb", ".ipynb_checkpoints/01_tensors-checkpoint.ipynb":
        path = work.folder / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(v4.new_notebook(), path)
    (work.folder / "my picture (1).png").write_bytes(b"\x89PNG")
    (work.folder / "data.csv").write_text("a,b\n1,2\n")

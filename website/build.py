"""Builds the website: `python -m website`, or `make site`."""

import os
import re
import shutil
import tomllib
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from tqdm import tqdm

from lab import views
from lab.views import _view
from website.execution import CACHE, CHAPTERS, ROOT, executed
from website.pages import Pages

HERE = ROOT / "website"
BUILD = HERE / "build"

LEAD = """\
```{{admonition}} This page is the solved chapter
:class: lead
The pictures with controls are alive, and every solution is folded: think first, then open it.
[Open the chapter on Binder]({binder}) to write the functions yourself and have them checked.
```"""

CHAPTER = """\
### [{title}]({name}.md)

{about}

{minutes} minutes · needs {needs} · [on Binder]({binder})"""


def build(folder: Path = BUILD, cache: Path = CACHE) -> Path:
    """Build the site below ``folder``, and return its place. Executes what has changed."""
    source, static, html = folder / "source", folder / "static", folder / "html"
    for old in (source, static, html):
        shutil.rmtree(old, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copytree(HERE / "static", static)
    _write_views(static)
    pages = Pages(static / "pictures")
    notebooks = []
    for chapter in tqdm(CHAPTERS, "Chapters"):
        notebook = executed(chapter, cache)
        notebooks.append(notebook)
        lead = LEAD.format(binder=binder(f"{chapter.name}/{chapter.name}.ipynb"))
        page = pages.chapter(notebook, lead)
        (source / f"{chapter.name}.md").write_text(page, encoding="utf-8")
    (source / "index.md").write_text(_first_page(pages, notebooks), encoding="utf-8")
    _run_sphinx(source, static, html)
    return html


def repository() -> str:
    """The address of the course's repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["urls"]["Repository"]


def binder(path: str) -> str:
    """The address at which Binder opens ``path`` of the learner's folder."""
    name = repository().removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/work/{path}"


def _first_page(pages: Pages, notebooks: list[NotebookNode]) -> str:
    listed = [
        CHAPTER.format(
            name=chapter.name,
            title=notebook.cells[0].source.partition("\n")[0].removeprefix("# "),
            about=notebook.cells[0].source.split("\n\n")[1],
            minutes=chapter.minutes,
            needs=" and ".join(
                {"numpy": "NumPy", "tensorflow": "TensorFlow"}[n] for n in chapter.needs
            ),
            binder=binder(f"{chapter.name}/{chapter.name}.ipynb"),
        )
        for chapter, notebook in zip(CHAPTERS, notebooks, strict=True)
    ]
    parts = {
        "view": pages.live(views.Attention(asking="station")),
        "chapters": "\n\n".join(listed),
        "names": "\n".join(chapter.name for chapter in CHAPTERS),
        "binder": binder("start.ipynb"),
        "repository": repository(),
    }
    text = (HERE / "index.md").read_text(encoding="utf-8")
    return re.sub(r"<<(\w+)>>", lambda found: parts[found[1]], text)


def _write_views(static: Path) -> None:
    """Write the views' modules as classic scripts, which a page may load from a disk, too."""
    model = f"function modelOf(state) {{\n{_view.MODEL}return model;\n}}\n"
    host = static / "views.js"
    host.write_text(model + host.read_text())
    folder = static / "views"
    folder.mkdir()
    for module in _view.STATIC.glob("*.js"):
        code, count = re.subn(
            r"export\s*\{\s*(\w+) as default\s*\};?\s*$",
            rf"courseViews.{module.stem} = \1;",
            module.read_text(encoding="utf-8"),
        )
        if count != 1:
            raise ValueError(f"{module} does not end in one default export")
        (folder / module.name).write_text(f"(() => {{{code}}})();\n", encoding="utf-8")
        shutil.copy(module.with_suffix(".css"), folder)


def _run_sphinx(source: Path, static: Path, html: Path) -> None:
    from sphinx.application import Sphinx

    with open(os.devnull, "w") as nowhere:
        app = Sphinx(
            source,
            HERE,
            html,
            html.with_name("doctrees"),
            "html",
            {"html_static_path": [str(static)]},
            status=nowhere,
            freshenv=True,
            exception_on_warning=True,
        )
        app.build()

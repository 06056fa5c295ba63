"""How much memory does a session on Binder take in each chapter, and how long until it answers?

    python benchmarks/budget.py [CHAPTER ...]

JupyterLab is started as Binder starts it, and a browser opens one solved chapter after another,
runs all cells and closes the tab. Each process counts at its own highest, in MB of 10**6 bytes, and
`firm` is the most that they held together at one time without the pages of files, which a container
drops before it reaches its limit.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from autograder.build import Chapter, read_chapters, source_notebook
from autograder.course import Course
from tests.binder import GUARANTEE, ROOT, Session, is_kernel, peak
from tests.views.view_tools import FLAGS, find_chromium

PATIENCE = 600  # seconds for a chapter on a busy machine
END = "open('ran', 'w').close()"
BEGIN = "open('begun', 'w').close()"


def firm(processes: list[psutil.Process]) -> int:
    """The bytes in memory that are not pages of a file."""
    return sum(
        1024 * sum(map(int, re.findall(r"Rss(?:Anon|Shmem):\s+(\d+)", status)))
        for status in (Path(f"/proc/{process.pid}/status").read_text() for process in processes)
    )


def solve(session: Session, chapter: Chapter) -> Path:
    """Put the solved notebook where a learner's would lie, with a mark at each end."""
    notebook = source_notebook(ROOT / "chapters" / f"{chapter.name}.py")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BEGIN))
    notebook.cells.append(nbformat.v4.new_code_cell(END))
    folder = session.home / "work" / chapter.name
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "solved.ipynb")
    return folder


def measure(page: Page, address: str, server: psutil.Process, folder: Path) -> str:
    """Run a chapter in the browser, and return its row of the table."""
    start = time.monotonic()
    page.goto(f"{address}lab/tree/work/{folder.name}/solved.ipynb?reset")
    page.locator(".jp-StatusBar-Widget").get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    begun, most = None, 0
    while not (folder / "ran").exists():
        if time.monotonic() - start > PATIENCE:
            raise TimeoutError(f"{folder.name} did not reach its end")
        if begun is None and (folder / "begun").exists():
            begun = time.monotonic() - start
        most = max(most, firm([server, *server.children(recursive=True)]))
        time.sleep(0.2)
    total = time.monotonic() - start
    family = [server, *server.children(recursive=True)]
    (kernel,) = filter(is_kernel, family)
    family.remove(kernel)
    sizes = [peak(family), peak([kernel]), peak([*family, kernel]), most]
    page.locator(".lm-TabBar-tabCloseIcon:visible").last.click()
    page.get_by_role("button", name="Discard").click()
    kernel.wait(60)
    row = "".join(f"{size / 1e6:12.0f}" for size in sizes)
    return f"{folder.name:16}{row}{begun:12.1f}{total:9.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter", nargs="*")
    wanted = parser.parse_args().chapter
    chapters = [c for c in read_chapters(Course(ROOT)) if not wanted or c.name in wanted]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        session = Session(Path(folder))
        session.run("./postBuild")
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        start = time.monotonic()
        with session.jupyter_lab() as (address, server):
            print(f"JupyterLab answers after {time.monotonic() - start:.1f} s")
            print(f"{'MB':16}{'JupyterLab':>12}{'kernel':>12}{'together':>12}{'firm':>12}", end="")
            print(f"{'first cell':>12}{'all':>9}   seconds from opening")
            for chapter in chapters:
                page = chromium.new_page()
                page.set_default_timeout(120_000)
                print(measure(page, address, server, solve(session, chapter)), flush=True)
                page.close()
        print(f"Binder promises {GUARANTEE / 1e6:.0f}.")


if __name__ == "__main__":
    main()

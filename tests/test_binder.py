"""Binder: what repo2docker makes of this repository, and what a session has in memory."""

import re
import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import CondaBuildPack
from repo2docker.utils import chdir

from autograder.build import read_chapters
from autograder.course import Course
from tests.binder import GUARANTEE, Builder, Session, checkout, is_kernel, peak
from tests.conftest import ROOT
from tests.views.view_tools import run_cells

CHAPTERS = read_chapters(Course(ROOT))


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Session:
    """A session whose image is built."""
    session = Session(tmp_path_factory.mktemp("binder"))
    session.run("./postBuild")
    return session


def rebuilt(folder, path: str) -> list[str]:
    """The layers that a change of one file makes anew: all from the first that differs."""
    before = Builder(checkout(folder)).layers()
    with open(folder / path, "a") as file:
        file.write("\n# One more line.\n")
    after = Builder(folder).layers()
    same = [old == new for old, new in zip(before, after, strict=True)]
    return [instruction for instruction, _ in after[same.index(False) :]]


def test_repo2docker_takes_environment_yml_and_knows_its_python(tmp_path):
    packs = Repo2Docker().buildpacks
    with chdir(checkout(tmp_path)):
        found = next(pack for pack in (kind("") for kind in packs) if pack.detect())
        assert type(found) is CondaBuildPack
        assert found.python_version == "3.12"
        assert not found.separate_kernel_env
        found.platform = "linux/amd64"
        assert "conda/environment.py-3.12-linux-64.lock" in found.get_build_script_files()
        assert found.get_post_build_scripts() == ["postBuild"]
        assert found.get_start_script() == "${REPO_DIR}/start"


def test_the_image_is_built_from_a_checkout_alone(tmp_path):
    instructions = [instruction for instruction, _ in Builder(checkout(tmp_path)).layers()]
    assert "RUN ./postBuild" in instructions
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/start"' in instructions


def test_a_change_of_the_text_leaves_the_environment_as_it_is(tmp_path):
    instructions = rebuilt(tmp_path, f"chapters/{CHAPTERS[0].name}.py")
    assert instructions[0].endswith("src/ ${REPO_DIR}/")
    assert not any("env update" in instruction for instruction in instructions)


def test_a_change_of_the_environment_makes_it_anew(tmp_path):
    instructions = rebuilt(tmp_path, "environment.yml")
    assert any("env update" in instruction for instruction in instructions)


def test_a_session_imports_the_course_from_the_home_folder(session):
    code = "import autograder, lab, solutions; print(autograder.__file__, lab.__file__)"
    assert session.run("python", "-P", "-c", code).split() == [
        str(session.home / name / "__init__.py") for name in ("autograder", "lab")
    ]


def test_the_readmes_link_opens_a_page_that_start_has_made(session):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    repository = project["urls"]["Repository"].removeprefix("https://github.com/")
    (link,) = re.findall(r"\((https://mybinder.org/v2/[^)]+)\)", (ROOT / "README.md").read_text())
    assert urlsplit(link).path == f"/v2/gh/{repository}/main"
    (opened,) = parse_qs(urlsplit(link).query)["urlpath"]
    assert opened.startswith("lab/tree/work/")
    assert "here" in session.run("./start", "echo", "here"), "the server is started"
    assert (session.home / opened.removeprefix("lab/tree/")).is_file()


@pytest.fixture(scope="module")
def opened(session, browser):
    """A browser with the first chapter open; its page, its kernel and the other processes."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(90_000)
    with session.jupyter_lab() as (address, server):
        page.goto(f"{address}lab/tree/work/01_tensors/01_tensors.ipynb")
        run_cells(page, 1)
        others = [server, *server.children(recursive=True)]
        (kernel,) = filter(is_kernel, others)
        others.remove(kernel)
        yield page, kernel, others
    context.close()


def test_a_kernel_is_told_what_start_exports(opened):
    _, kernel, _ = opened
    exports = re.findall(r"^export (\w+)=(\w+)$", (ROOT / "start").read_text(), re.M)
    assert ("TF_CPP_MIN_LOG_LEVEL", "3") in exports
    assert set(exports) <= kernel.environ().items()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_jupyterlab_and_a_chapter_fit_into_what_binder_promises(opened, chapter):
    """The chapter's kernel is held to its megabytes in test_chapters.py."""
    _, _, others = opened
    assert peak(others) + chapter.megabytes * 2**20 < GUARANTEE


def test_a_kernel_ends_with_its_tab(opened):
    page, kernel, _ = opened
    page.locator(".lm-TabBar-tabCloseIcon:visible").last.click()
    page.get_by_role("button", name="Discard").click()
    kernel.wait(60)

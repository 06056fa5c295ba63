"""The guides: every command of the autograder and of nbgrader in them is one that there is."""

import re
import shlex

import pytest
from nbgrader.apps import NbGraderApp

from autograder.cli import _parser
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.M | re.S)


def commands(program: str) -> list[str]:
    """What stands behind the name of ``program`` in the pages' blocks of commands."""
    text = "".join(block for page in PAGES for block in BLOCK.findall(page.read_text()))
    lines = re.findall(rf"^ *{program} (.+)$", text, re.M)
    return sorted({shlex.join(shlex.split(line, comments=True)) for line in lines})


AUTOGRADER, NBGRADER = commands("autograder"), commands("nbgrader")


@pytest.mark.parametrize("command", AUTOGRADER)
def test_the_autograder_has_the_command_and_its_options(command):
    _parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("command", NBGRADER)
def test_nbgrader_has_the_command_and_its_options(command):
    app, words = NbGraderApp(), shlex.split(command)
    while words and words[0] in app.subcommands:
        app = app.subcommands[words.pop(0)][0]()
    assert not app.subcommands, "there is no such command"
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert {option[2:] for option in options} <= {*app.aliases, *app.flags}


def test_commands_were_found():
    assert len(AUTOGRADER) > 10
    assert len(NBGRADER) > 5

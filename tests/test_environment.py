"""The environment: one lock file, and a Binder that agrees with it."""

import re
import tomllib

import yaml

from tests.conftest import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", LOCK, re.M))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", requirement).group() for requirement in requirements}


def test_every_dependency_is_locked_with_a_hash():
    assert names(PROJECT["dependencies"]) <= set(LOCKED)
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.M)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_file_names_no_host_and_no_path():
    assert not re.search(r"https?:|file:|/opt/|/home/", LOCK)


def test_binder_installs_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    wanted = dict(line.split("==") for line in pip)
    assert {name: LOCKED[name] for name in wanted} == wanted
    assert set(wanted) == names(PROJECT["dependencies"]) - {"tensorflow"}
    assert not any(line.startswith(("-e", ".", "-r")) for line in pip), "it would rebuild each time"


def test_binders_scripts_can_be_executed():
    for name in ("postBuild", "start"):
        assert (ROOT / name).stat().st_mode & 0o111
        assert (ROOT / name).read_text().startswith("#!/bin/bash")


def test_the_readmes_files_exist():
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / link).exists(), link

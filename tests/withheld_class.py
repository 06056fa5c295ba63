"""Run by tests/test_withhold.py in a Python that can import the withheld course and no other.

Reads what to do from the file named first, and writes what came of it into the file named second.
"""

import json
import linecache
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

job, done = map(Path, sys.argv[1:])
work = json.loads(job.read_text())
sys.path[:0] = [work["folder"]]
sys.path += work["libraries"]

import autograder  # noqa: E402
import lab  # noqa: E402
import solutions  # noqa: E402
from autograder import check, checking  # noqa: E402
from autograder.evidence import from_json  # noqa: E402
from autograder.judge import judge  # noqa: E402
from autograder.report import Report  # noqa: E402

shown = []
checking.display = shown.append


def run(source, name, namespace):
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    exec(compile(source, name, "exec"), namespace)


def checked(target):
    shown.clear()
    check(target)
    return repr(shown[0])


def references():
    """What the solved chapters say of themselves, from sources that are nowhere in the folder."""
    modules = {}
    for name, source in work["references"].items():
        modules[name] = ModuleType(name)
        solutions.__dict__.update(modules)  # one imports another
        run(source, f"{name} as solved", modules[name].__dict__)
    cards = {e: checked(getattr(modules[e.split(".")[0]], e.split(".")[1])) for e in work["solved"]}
    for name in modules:
        delattr(solutions, name)
    return cards


def untouched(exercise, source):
    namespace = {}
    run(work["imports"], "imports", namespace)
    run(source, exercise, namespace)
    return checked(namespace[exercise.split(".")[1]])


def report(exercise, seed, cases):
    found = Report(judge(exercise, map(from_json, cases), seed))
    return found._repr_html_()


results = {
    "from": [package.__file__ for package in (autograder, lab, solutions)],
    "to be found": [name for name in work["hidden"] if find_spec(name)],
    "untouched": {e: untouched(e, source) for e, source in work["untouched"].items()},
    "solved": references(),
    "reports": [report(*claim) for claim in work["claims"]],
}


def later_chapter(notebook):
    from lab.own_work import own_operations

    operations = own_operations("backprop", notebook)
    try:
        return operations.train_digits.__module__
    except AttributeError as error:
        return str(error)


results["later"] = [later_chapter(notebook) for notebook in work["notebooks"]]
done.write_text(json.dumps(results))

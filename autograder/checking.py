"""``check(function)``: tells a learner at once, in the notebook, what is right and what is not."""

import io
import os
import warnings
from contextlib import redirect_stderr, redirect_stdout, suppress

from IPython import get_ipython
from IPython.display import display

from autograder import exercises
from autograder.cells import exercise_called


class CheckFailed(Exception):
    """Raised only when nbgrader validates a notebook, which knows no other way to say so."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Message:
    """A sentence to the learner where there is nothing to judge."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


def check(target: object) -> None:
    """Check the object that you wrote for an exercise, on fresh inputs, and show a report.

    The exercise is found by the object's name, so keep the name that the chapter gave it. Nothing
    is returned and nothing is raised: the rest of the notebook goes on.
    """
    # Imported here because a grading kernel imports this module and has no answers to judge by.
    from autograder.answers import Damaged, Withheld, answers
    from autograder.judge import judge
    from autograder.ready_made import Unreadable, ready_made
    from autograder.report import Report
    from lab.progress import record

    name = getattr(target, "__name__", None) or getattr(
        getattr(target, "python_function", None), "__name__", ""
    )
    try:
        exercise = exercise_called(name)
        seed = answers.seed(exercise.name)
    except exercises.UnknownExercise as error:
        display(Message(str(error)))
        return
    except Damaged as error:
        display(Message(f"{name} cannot be checked: {error}. Tell your instructor."))
        return
    except Withheld:
        display(Message(f"{name} is not checked here: your instructor grades it."))
        return
    cases = []
    stopped = ""
    # What the function prints goes into the card; on stderr it would read as a failure to nbgrader.
    printed = io.StringIO()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        warnings.catch_warnings(action="ignore"),
    ):
        try:
            exercise.run(target, seed, on_case=cases.append)
        except KeyboardInterrupt:
            stopped = "You stopped it."
        used = ""
        with suppress(Unreadable):
            used = ready_made(exercise.name, _cells_run())
        verdict = judge(exercise.name, cases, seed, stopped, used)
    report = Report(verdict, printed.getvalue())
    display(report)
    problem = record(exercise.name, verdict.passed if verdict.score else 0, len(verdict.cases))
    if problem:
        display(Message(problem))
    if os.environ.get("NBGRADER_EXECUTION") == "validate" and verdict.score < 1:
        raise CheckFailed(f"{name}: {report.summary}")


def _cells_run() -> list[str]:
    """The sources of the cells that the learner has run, in that order."""
    shell = get_ipython()
    return shell.history_manager.input_hist_raw if shell else []

"""Late days: a few days for the whole term, which each student spends as they like."""

from math import ceil

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer

from autograder.gradebook import seconds_late_before

DAY = 24 * 60 * 60


class LateDays(LateSubmissionPlugin):
    """Late days that are spent in the order of the due dates; what is later than that costs points.

    An extension is not a late day: it moves the date for a student. In nbgrader_config.py::

        c.AssignLatePenalties.plugin_class = "autograder.late.LateDays"
        c.LateDays.days = 5
        c.LateDays.cost = 0.2
    """

    days = Integer(5, min=0, help="How many late days a student has in the term.").tag(config=True)
    cost = Float(
        0.2, min=0, max=1, help="The share of the points that each begun day beyond these costs."
    ).tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points that a notebook of ``score`` points loses, None for none."""
        beyond = _days(total_seconds_late) - self.left(student_id)
        return min(1, beyond * self.cost) * score if beyond > 0 else None

    def left(self, student: str) -> int:
        """The late days that a student has for the assignment that is being graded."""
        step = self.parent.parent  # plugin < preprocessor < nbgrader's step, which knows the course
        before = seconds_late_before(step.gradebook, step.coursedir.assignment_id, student)
        return max(0, self.days - sum(map(_days, before)))


def _days(seconds: float) -> int:
    return ceil(seconds / DAY)

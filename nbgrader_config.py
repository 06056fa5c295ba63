"""The nbgrader course: the names of its steps, and how its pages look."""

from pathlib import Path

from autograder.converters import install

install()  # nbgrader's steps collect, autograde and feedback become the autograder's

here = Path(__file__).resolve().parent
(here / "classroom").mkdir(exist_ok=True)  # SQLite makes the gradebook, but not its folder

c = get_config()  # noqa: F821 (Jupyter puts it there)

c.CourseDirectory.root = str(here)
c.CourseDirectory.db_url = f"sqlite:///{here / 'classroom' / 'gradebook.db'}"
c.CourseDirectory.course_id = "tensors-to-memory"
c.CourseDirectory.source_directory = "classroom/source"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.submitted_directory = "classroom/submitted"
c.CourseDirectory.autograded_directory = "classroom/autograded"
c.CourseDirectory.feedback_directory = "classroom/feedback"
c.CourseDirectory.solution_directory = "classroom/solution"

# The feedback shows a report as it looked to the student, and pictures where a view left one.
c.NbConvertBase.display_data_priority = ["text/html", "image/svg+xml", "image/png", "text/plain"]
# A heading of a student's must not take the name of an element of the page.
c.HTMLExporter.exclude_anchor_links = True

"""Chapters without TensorFlow through nbgrader: a class whose grades are known."""

import pytest

from tests.graded_class import assert_grades, chapters, graded_class


@pytest.mark.parametrize("chapter", chapters(with_tensorflow=False))
def test_a_class_is_graded_as_it_must_be(chapter, course, tmp_path):
    assert_grades(*graded_class(course, tmp_path, chapter))

"""The views as the tests that are for every view make them, each with its traits as options."""

from memory_runs import timeline
from test_view_graph import demo
from test_view_growth import growing

from lab.views import Allocation, Attention, Graph, Landscape, Links, Motion, PhotoSearch, Plane


def plane(**traits):
    return Plane(second=(((0, -1), (1, 0)), (1, 0)), **traits)


def landscape(learner=None, **traits):
    if learner is not None:
        learner.__name__ = "sgd_step"  # the view tells its learners apart by their names
    return Landscape(learners=(learner,), **traits)


def graph(learner=None, **traits):
    return Graph(*demo(), backward=learner, **traits)


VIEWS = [PhotoSearch, Attention, Allocation, Links, plane, landscape, graph, Motion]
ALL = [*VIEWS, growing, timeline]  # the last two show what is given, and ask no function

"""The interactive pictures of the chapters. They need neither matplotlib nor TensorFlow."""

from .allocation import Allocation
from .attention import Attention
from .graph import Graph
from .graph_growth import GraphGrowth
from .landscape import Landscape
from .links import Links
from .memory_timeline import MemoryTimeline
from .motion import Motion
from .photo_search import PhotoSearch
from .plane import Plane

__all__ = [
    "Allocation",
    "Attention",
    "Graph",
    "GraphGrowth",
    "Landscape",
    "Links",
    "MemoryTimeline",
    "Motion",
    "PhotoSearch",
    "Plane",
]

"""The interactive pictures of the chapters. They need neither matplotlib nor TensorFlow."""

from .allocation import Allocation
from .attention import Attention
from .links import Links
from .photo_search import PhotoSearch

__all__ = ["Allocation", "Attention", "Links", "PhotoSearch"]

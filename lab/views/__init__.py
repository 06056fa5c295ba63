"""The interactive pictures of the chapters. They need neither matplotlib nor TensorFlow."""

from .attention import Attention
from .photo_search import PhotoSearch

__all__ = ["Attention", "PhotoSearch"]

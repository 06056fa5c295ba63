"""Figures with alternative text: matplotlib's pictures, for those who see and those who listen."""

import base64
import io
from html import escape

from IPython.display import HTML, display


def show(figure, alt: str) -> None:
    """Show a matplotlib figure with ``alt``, which says in words what is to be seen in it.

    JupyterLab gives a PNG output no alternative text, so the picture is shown as HTML.
    """
    import matplotlib.pyplot as plt

    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100, bbox_inches="tight", facecolor="white")
    plt.close(figure)
    data = base64.b64encode(png.getvalue()).decode()
    display(HTML(f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'))

"""Small SVG pictures, for the places where no kernel and no script runs."""

import base64
import struct
import zlib
from html import escape

import numpy as np

INK, SOFT, PAPER, HAIR = "#1b1b1f", "#4a4a52", "#ffffff", "#d5d5da"
BLUE, ORANGE = "#0b5394", "#b45309"

CIVIDIS = np.array(
    [
        (0, 34, 78),
        (26, 56, 111),
        (67, 78, 108),
        (97, 100, 111),
        (124, 123, 120),
        (155, 148, 119),
        (188, 174, 108),
        (222, 203, 86),
        (254, 232, 56),
    ]
)


def cividis(share):
    """The color of a share between 0 and 1, and black or white to write on it."""
    place = np.clip(share, 0, 1) * (len(CIVIDIS) - 1)
    color = [int(round(np.interp(place, range(len(CIVIDIS)), c))) for c in CIVIDIS.T]
    light = np.array(color) / 255
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    ink = "#000" if linear @ (0.2126, 0.7152, 0.0722) > 0.179 else "#fff"
    return f"rgb({','.join(map(str, color))})", ink


def text(x, y, words, size=14, anchor="start", fill=INK, weight="normal"):
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}"'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(str(words))}</text>'


def rect(x, y, width, height, fill, more=""):
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" {more}/>'


def pixels(x, y, side, picture):
    """A picture [rows, columns, 3] of values from 0 to 1, as large square pixels."""
    rows, columns = picture.shape[:2]
    scale = max(1, round(side / rows))
    large = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    large = large.repeat(scale, axis=0).repeat(scale, axis=1)
    data = base64.b64encode(_png(large)).decode()
    size = f'width="{side:g}" height="{side * rows / columns:g}"'
    return f'<image x="{x:g}" y="{y:g}" {size} href="data:image/png;base64,{data}"/>'


def _png(picture):
    """The bytes of a PNG file of a picture [rows, columns, 3] of bytes."""
    height, width = picture.shape[:2]
    lines = b"".join(b"\0" + row.tobytes() for row in picture)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind, data):
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines, 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def svg(width, height, parts):
    """The whole picture on its own light ground, so that it reads on a dark page too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="system-ui, sans-serif">'
        f"{rect(0, 0, width, height, PAPER)}{''.join(parts)}</svg>"
    )

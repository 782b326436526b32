"""QR codes drawn into pages."""

from __future__ import annotations

import segno


def qr_drawing(address: str, *, scale: int, level: str = "m") -> str:
    """An address as a QR code, inline SVG with its quiet zone.

    Args: scale: of the drawing's modules; level: of error correction, ``l`` to ``h``.
    """
    drawing = segno.make(address, error=level, micro=False)
    return str(drawing.svg_inline(scale=scale, border=4, omitsize=True, svgclass="qr", lineclass=None))

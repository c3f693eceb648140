"""The screen as an SVG that looks the same in every program."""

from __future__ import annotations

import html
import re

TEXT = re.compile(
    r'<text ([^>]*?) x="([\d.]+)"([^>]*?) textLength="([\d.]+)"([^>]*)>([^<]*)</text>'
)
WEB_FONT = re.compile(r"\s*@font-face\s*\{[^}]*\}")
"""Some programs load it, for letters of another width, and others do not."""
FONTS = '"DejaVu Sans Mono", Menlo, Consolas, monospace'
CUT = re.compile(r'(-clip-terminal">\s*<rect [^>]*height=")([\d.]+)')
DESCENT = 4.0
"""How far below its row an underscore may reach; as exported it is cut off below the last one."""
FULL_WIDTH = "font-variant-east-asian: full-width;"


def settled(svg: str) -> str:
    """``svg``, as Textual exports it, with every word and every sign beyond ASCII at its own place.

    It names fonts that are there, and none of the web. As exported, a line keeps its columns by
    ``textLength`` and by spaces at its beginning, which
    some programs pass over; signs from another font than the letters then slip out of place.
    """

    def placed(match: re.Match[str]) -> str:
        before, left, middle, length, after, text = match.groups()
        cells = html.unescape(text)
        width = float(length) / max(1, len(cells))
        return "".join(
            f'<text {before} x="{float(left) + width * found.start():.5g}"{middle}{after}>'
            f"{html.escape(found.group())}</text>"
            for found in re.finditer(r"[!-~]+|[^\x00-\x7f\xa0]", cells)
        )

    own = WEB_FONT.sub("", svg).replace("Fira Code, monospace", FONTS)
    whole = CUT.sub(lambda found: f"{found[1]}{float(found[2]) + DESCENT:g}", own)
    return TEXT.sub(placed, whole.replace(FULL_WIDTH, ""))

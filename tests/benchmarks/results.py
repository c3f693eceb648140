"""What the benchmarks found: as a table, as JSON, and as a picture of bars."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Result:
    """One figure: ``value`` in ``unit``, and how many times the first of its ``group`` it is.

    ``low`` and ``high`` are the least and the greatest ratio of the rounds. ``note`` says why there
    is no value, or what it was measured with.
    """

    group: str
    name: str
    value: float = math.nan
    unit: str = ""
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def machine() -> dict[str, str]:
    """What it was measured on; not its name."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), model)
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "textual", "plotext")},
    }


def table(results: Sequence[Result]) -> str:
    """In Markdown, a table for each group."""
    lines: list[str] = []
    group = ""
    for one in results:
        if one.group != group:
            group = one.group
            lines += ["", f"**{group}**", "", "| | value | ratio | rounds |", "|---|---|---|---|"]
        known = not math.isnan(one.value)
        value = f"{number(one.value)} {one.unit}" if known else one.note
        spread = f"{one.low:.3g} to {one.high:.3g}" if not math.isnan(one.low) else ""
        ratio = "" if math.isnan(one.ratio) else f"{one.ratio:.3g}"
        lines.append(f"| {one.name} | {value} | {ratio} | {spread} |")
    return "\n".join(lines).strip()


def number(value: float) -> str:
    """Three digits, and thousands as such."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(folder: Path, results: Sequence[Result], described: dict[str, str]) -> list[Path]:
    """Write all three into ``folder``; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    head = ", ".join(f"{name} {value}" for name, value in described.items())
    texts = {
        "benchmarks.md": f"{head}\n\n{table(results)}\n",
        "benchmarks.json": json.dumps(
            {"machine": described, "results": [_plain(one) for one in results]}, indent=2
        ),
        "benchmarks.svg": picture(results, head),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _plain(result: Result) -> dict[str, object]:
    return {k: None if v != v else v for k, v in asdict(result).items()}  # noqa: PLR0124 - nan


ROW, LEFT, WIDTH = 22, 250, 860


def picture(results: Sequence[Result], head: str) -> str:
    """A bar for each ratio, on a logarithmic axis; the line is at 1."""
    drawn = [one for one in results if one.ratio > 0]
    logs = [math.log10(one.ratio) for one in drawn]
    low, high = math.floor(min(logs, default=0)), math.ceil(max(logs, default=0) + 1e-9)

    def x(log: float) -> float:
        return LEFT + (log - low) / max(1, high - low) * (WIDTH - LEFT - 70)

    bar, font = 'height="15" fill', 'font-family="sans-serif" font-size="13"'
    parts: list[str] = []
    y, group = 44, ""
    for one, log in zip(drawn, logs, strict=True):
        if one.group != group:
            group = one.group
            y += 14
            parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{escape(group)}</text>')
            y += ROW
        begin, end = sorted((x(0), x(log)))
        colour = "#0072b2" if one.name.startswith("zgtui") else "#999999"
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(one.name)}</text>',
            f'<rect x="{begin:.1f}" y="{y}" width="{max(1.0, end - begin):.1f}" {bar}="{colour}"/>',
            f'<text x="{end + 6:.1f}" y="{y + 12}">{one.ratio:.3g}</text>',
        ]
        y += ROW
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 20}" {font}>',
            f'<rect width="{WIDTH}" height="{y + 20}" fill="white"/>',
            f'<text x="10" y="24" font-size="11">{escape(head)}</text>',
            f'<line x1="{x(0):.1f}" y1="40" x2="{x(0):.1f}" y2="{y}" stroke="#444"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def progress(text: str) -> None:
    """Say on stderr what is measured now."""
    sys.stderr.write(f"{text}\n")

"""Plots as SVG, written by hand: they must be readable in a light and in a dark page, and need no library.

Colours follow the reader's scheme by a media query; text uses the system's own font.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: #33383f }
.title { font-size: 15px; font-weight: 600; fill: #14171a }
.small { font-size: 12px; fill: #666d76 }
.grid { stroke: #d8dce1; stroke-width: 1 }
.axis { stroke: #8b929b; stroke-width: 1 }
.mark { stroke: #8b929b; stroke-width: 1.5; stroke-dasharray: 5 4 }
.whisker { stroke: #33383f; stroke-width: 1.5 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.c0 { fill: #2563c9 } .l0 { stroke: #2563c9 } .c1 { fill: #c2540a } .l1 { stroke: #c2540a }
.c2 { fill: #2e7d4f } .l2 { stroke: #2e7d4f } .c3 { fill: #8246af } .l3 { stroke: #8246af }
.c9 { fill: #9aa2ac } .l9 { stroke: #9aa2ac }
@media (prefers-color-scheme: dark) {
  text { fill: #c9d1d9 } .title { fill: #f0f3f6 } .small { fill: #959da6 }
  .grid { stroke: #333a42 } .axis, .mark { stroke: #6b737d } .whisker { stroke: #c9d1d9 }
  .c0 { fill: #6ea8fe } .l0 { stroke: #6ea8fe } .c1 { fill: #f0924c } .l1 { stroke: #f0924c }
  .c2 { fill: #5fc48a } .l2 { stroke: #5fc48a } .c3 { fill: #c59bea } .l3 { stroke: #c59bea }
  .c9 { fill: #7a828c } .l9 { stroke: #7a828c }
}
"""


class Bar(NamedTuple):
    """A bar with the spread over the rounds. `ours` gets the strong colour."""

    label: str
    value: float
    low: float
    high: float
    ours: bool
    note: str = ""


class Box(NamedTuple):
    """How values are spread: the least, the low end of most of them, the middle, the high end, the largest."""

    label: str
    least: float
    low: float
    middle: float
    high: float
    most: float
    note: str = ""


class Stack(NamedTuple):
    """A bar made of parts, one for each name of the plot."""

    label: str
    parts: Sequence[float]
    note: str = ""


class Series(NamedTuple):
    """A curve. `colour`: 0 to 3, or 9 for grey."""

    label: str
    points: Sequence[tuple[float, float]]
    colour: int


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars from zero, one below the other."""
    width, left, right, top, step = 780, 212, 130, 64, 34
    most = max(row.high for row in rows)
    ticks = _ticks(most, 5)
    scale = (width - left - right) / max(most, ticks[-1])
    bottom = top + step * len(rows)
    body = [_text(16, 26, title, "title"), _text(16, 46, unit, "small")]
    for tick in ticks:
        x = left + tick * scale
        body.append(f'<line class="grid" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom}"/>')
        body.append(_text(x, bottom + 18, _number(tick), "small", "middle"))
    for index, row in enumerate(rows):
        y = top + index * step
        middle = y + step / 2
        length, low, high = row.value * scale, left + row.low * scale, left + row.high * scale
        colour = "c0" if row.ours else "c9"
        body.append(_text(left - 10, middle + 4, row.label, anchor="end"))
        body.append(f'<rect class="{colour}" x="{left}" y="{y + 6}" width="{length:.1f}" height="{step - 12}" rx="2"/>')
        body.append(f'<line class="whisker" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>')
        body += [
            f'<line class="whisker" x1="{end:.1f}" y1="{middle - 4}" x2="{end:.1f}" y2="{middle + 4}"/>'
            for end in (low, high)
        ]
        note = f"{_number(row.value)}{f'  {row.note}' if row.note else ''}"
        body.append(_text(high + 8, middle + 4, note))
    body.append(f'<line class="axis" x1="{left}" y1="{top - 4}" x2="{left}" y2="{bottom}"/>')
    return _svg(width, bottom + 32, title, body)


def boxes(title: str, unit: str, rows: Sequence[Box], mark: tuple[float, str] | None = None) -> str:
    """Spreads, one below the other: a box with its middle, and whiskers. `mark`: a value worth a dashed line."""
    width, left, right, top, step = 780, 100, 150, 78, 40
    least, most = min(0.0, *(row.least for row in rows)), max(0.0, *(row.most for row in rows))
    ticks = _ticks(most, 6)
    gap = ticks[1] if len(ticks) > 1 else 1.0
    ticks = [-gap * index for index in range(int(-least / gap), 0, -1)] + ticks
    scale = (width - left - right) / max(most - least, gap)
    bottom = top + step * len(rows)
    body = [_text(16, 26, title, "title"), _text(16, 46, unit, "small")]
    for tick in ticks:
        x = left + (tick - least) * scale
        body.append(f'<line class="grid" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom}"/>')
        body.append(_text(x, bottom + 18, _number(tick), "small", "middle"))
    if mark is not None:
        x = left + (mark[0] - least) * scale
        body.append(f'<line class="mark" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom}"/>')
        body.append(_text(x, top - 10, mark[1], "small", "middle"))
    for index, row in enumerate(rows):
        middle = top + (index + 0.5) * step
        values = (row.least, row.low, row.middle, row.high, row.most)
        places = [left + (value - least) * scale for value in values]
        size = f'y="{middle - 9}" height="18" rx="2"'
        body += [
            _text(left - 10, middle + 4, row.label, anchor="end"),
            f'<line class="whisker" x1="{places[0]:.1f}" y1="{middle}" x2="{places[4]:.1f}" y2="{middle}"/>',
            f'<rect class="c0" x="{places[1]:.1f}" width="{max(1.0, places[3] - places[1]):.1f}" {size}/>',
            f'<line class="whisker" x1="{places[2]:.1f}" y1="{middle - 12}" x2="{places[2]:.1f}" y2="{middle + 12}"/>',
            _text(places[4] + 8, middle + 4, row.note, "small"),
        ]
    return _svg(width, bottom + 32, title, body)


def stacks(title: str, unit: str, names: Sequence[str], rows: Sequence[Stack]) -> str:
    """Horizontal bars from zero made of parts, with a legend. At most five parts."""
    width, left, right, top, step = 780, 100, 130, 92, 40
    most = max(sum(row.parts) for row in rows)
    ticks = _ticks(most, 6)
    scale = (width - left - right) / max(most, ticks[-1])
    bottom = top + step * len(rows)
    colours = [0, 1, 2, 3, 9]
    body = [_text(16, 26, title, "title"), _text(16, 46, unit, "small")]
    x = 16.0
    for name, colour in zip(names, colours, strict=False):
        body.append(f'<rect class="c{colour}" x="{x:.1f}" y="60" width="12" height="12" rx="2"/>')
        body.append(_text(x + 17, 71, name, "small"))
        x += 36 + 5.9 * len(name)
    for tick in ticks:
        x = left + tick * scale
        body.append(f'<line class="grid" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom}"/>')
        body.append(_text(x, bottom + 18, _number(tick), "small", "middle"))
    for index, row in enumerate(rows):
        middle, x = top + (index + 0.5) * step, float(left)
        body.append(_text(left - 10, middle + 4, row.label, anchor="end"))
        for part, colour in zip(row.parts, colours, strict=False):
            size = f'y="{middle - 11}" height="22"'
            body.append(f'<rect class="c{colour}" x="{x:.1f}" width="{max(0.0, part) * scale:.1f}" {size}/>')
            x += max(0.0, part) * scale
        body.append(_text(x + 8, middle + 4, row.note))
    body.append(f'<line class="axis" x1="{left}" y1="{top - 4}" x2="{left}" y2="{bottom}"/>')
    return _svg(width, bottom + 32, title, body)


def curves(title: str, unit: str, across: str, series: Sequence[Series], mark: tuple[float, str] | None = None) -> str:
    """Curves over a common axis from zero; each is named at its end. `mark`: a level worth a dashed line."""
    width, height, left, right, top, bottom = 780, 400, 56, 170, 64, 52
    most_x = max(x for one in series for x, _ in one.points)
    most_y = max([y for one in series for _, y in one.points] + ([mark[0]] if mark else []))
    ticks_x, ticks_y = _ticks(most_x, 6), _ticks(most_y * 1.02, 5)
    most_y = max(most_y * 1.02, ticks_y[-1])
    scale_x, scale_y = (width - left - right) / max(most_x, 1e-9), (height - top - bottom) / max(most_y, 1e-9)
    base = height - bottom
    body = [_text(16, 26, title, "title"), _text(16, 46, unit, "small")]
    for tick in ticks_y:
        y = base - tick * scale_y
        body.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}"/>')
        body.append(_text(left - 8, y + 4, _number(tick), "small", "end"))
    body += [_text(left + tick * scale_x, base + 18, _number(tick), "small", "middle") for tick in ticks_x]
    body.append(_text((left + width - right) / 2, height - 10, across, "small", "middle"))
    body.append(f'<line class="axis" x1="{left}" y1="{base}" x2="{width - right}" y2="{base}"/>')
    if mark is not None:
        y = base - mark[0] * scale_y
        body.append(f'<line class="mark" x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}"/>')
        body.append(_text(left + 6, y - 6, mark[1], "small"))
    ends: list[tuple[float, float]] = []
    for one in sorted(series, key=lambda one: one.points[-1][1]):
        places = [(left + x * scale_x, base - y * scale_y) for x, y in one.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        body.append(f'<polyline class="line l{one.colour}" points="{path}"/>')
        body += [f'<circle class="c{one.colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
        x, y = places[-1]
        # Names that would lie upon each other are moved up: the curves come from the lowest end to the highest.
        while any(abs(y - other_y) < 16 and abs(x - other_x) < right for other_x, other_y in ends):
            y -= 4
        ends.append((x, y))
        body.append(_text(x + 10, y + 4, one.label, f"c{one.colour}"))
    return _svg(width, height, title, body)


def _svg(width: float, height: float, title: str, body: Sequence[str]) -> str:
    lines = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">\n<style>{_STYLE}</style>\n{lines}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named} text-anchor="{anchor}">{escape(text)}</text>'


def _ticks(most: float, wanted: int) -> list[float]:
    """Round numbers from zero up to at most `most`, about as many as wanted."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * index for index in range(int(most / step + 1e-9) + 1)]


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")

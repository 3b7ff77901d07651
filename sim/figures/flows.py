"""Where achievements and capital go from the source: arrows on the map, and the same amounts with their bands.

All zones of the source are one origin; what stays in them is told in words, because an arrow of its width would
hide the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.figures import frame, ground, style
from sim.results import Result
from sim.results.targets import BAND, longest_window
from sim.results.wording import amount, window

Reals = NDArray[np.float64]

WIDEST_PT, THINNEST_PT = 8.0, 0.35
MOST_BARS = 12
COLUMN_MM = 88.0
LABELS_MM = 26.0
BAR_MM = 3.9
KEY_MM = 4.5
BEND = 0.16


@dataclass(frozen=True)
class Good:
    """What moves: which kinds of movement and payment it is made of, and how it is counted."""

    title: str
    unit: str
    kinds: tuple[str, ...]
    paid: tuple[str, ...] = ()
    "Payments that follow what `kinds` pledge."


GOODS = (
    Good("Achievements sold", "count", ("deals",)),
    Good(
        "Capital pledged to branches and park programmes", "yuan", ("branches", "programmes"),
        ("pay_branch_capital", "pay_programme_capital", "pay_programme_partners"),
    ),
)  # fmt: skip


def draw(result: Result, out: Path) -> Path:
    """Draws the longest window among the figures the run is held against, and the whole run beside it."""
    with style.styled():
        geography = result.geography
        west, east, south, north = ground.extent(geography)
        map_mm = float(np.clip(COLUMN_MM * (north - south) / (east - west), 50, 112))
        sources, receiving = result.admins(source=True), result.admins(source=False)
        zones = result.zones_of(receiving)
        bars = min(len(zones), MOST_BARS + 1) * BAR_MM
        height = frame.TITLE_MM + 5 + KEY_MM + map_mm + 5 + bars + 9 + frame.FOOT_MM
        start, end = longest_window(result)
        bars_words = f"Means; lines on bars: {100 * BAND[0]:g} % to {100 * BAND[1]:g} % of replicates."
        if result.replicates == 1:
            bars_words = "One replicate, so no bands."
        names = " and ".join(frame.place_name(result, key) for key in sources)
        places = " and ".join(frame.place_name(result, key) for key in receiving)
        figure = frame.page(
            result, style.literal(f"From {names} to {places}", 90),
            f"Arrows: {window(start, end)}, width in proportion. {bars_words}",
            height,
        )  # fmt: skip
        for column, good in enumerate(GOODS):
            left = frame.MARGIN_MM + column * (style.DOUBLE_COLUMN_MM - 2 * frame.MARGIN_MM - COLUMN_MM)
            _column(figure, result, good, zones, (start, end), left, map_mm, bars)
        return style.save(figure, out)


def _column(
    figure: Figure, result: Result, good: Good, zones: Sequence[str], when: tuple[str, str], left: float,
    map_mm: float, bars: float,
) -> None:  # fmt: skip
    top = frame.TITLE_MM + 1
    letter = "ab"[GOODS.index(good)]
    frame.write(figure, left, top, f"{letter}  {good.title}", fontsize=7.5, fontweight="bold")
    whole = (result.months[0], result.months[-1])
    own = result.zones_of(result.admins(source=True))
    arrived = result.arrivals(good.kinds, good.unit, [*zones, *own], own)
    followed = result.arrivals(good.paid, good.unit, zones)
    moved, paid = ({span: _sum(result, flow, span) for span in (when, whole)} for flow in (arrived, followed))
    kept = float(moved[when][:, len(zones) :].sum(axis=1).mean())
    moved = {span: flow[:, : len(zones)] for span, flow in moved.items()}
    sent = moved[when].mean(axis=0)
    _width_key(figure, good, float(sent.max(initial=0.0)), kept, left, top + 4)
    top += KEY_MM
    axes = frame.place(figure, left, top + 4, COLUMN_MM, map_mm)
    _map(axes, result, zones, sent)
    order = np.argsort(-sent, kind="stable")
    below = top + 4 + map_mm + 4
    half = (COLUMN_MM - LABELS_MM - 6) / 2
    spans = [when] if when == whole else [when, whole]
    for at, span in enumerate(spans):
        width = half if len(spans) == 2 else 2 * half
        panel = frame.place(figure, left + LABELS_MM + at * (half + 3), below, width, bars)
        _bars(panel, result, good, [zones[z] for z in order], moved[span][:, order], paid[span][:, order])
        panel.set_title(window(*span), fontsize=6.5, loc="left", pad=2)
        if at:
            panel.set_yticklabels([])


def _sum(result: Result, flow: NDArray[np.int64], span: tuple[str, str]) -> Reals:
    """[replicate, zone] over a span of months."""
    return np.asarray(flow[:, result.month(span[0]) : result.month(span[1]) + 1].sum(axis=1), np.float64)


def _map(axes: Axes, result: Result, zones: Sequence[str], flow: Reals) -> None:
    geography = result.geography
    ground.prepare(axes, geography)
    colours = frame.colours(result)
    tints = [style.mixed(colours[result.place(z.key)["admin"]], 0.10) for z in geography.zones]
    ground.areas(axes, geography, tints, mesh=False)
    ground.borders(axes, result, 0.6)
    ground.scale_bar(axes, geography)
    axes.apply_aspect()
    sites = geography.sites_of("source")
    at = {zone.key: (zone.x, zone.y) for zone in geography.zones}
    start = (sites[0].x, sites[0].y) if sites else at[result.zones_of(result.admins(source=True))[0]]
    most = float(flow.max(initial=0.0))
    taken, shafts = [ground.room(axes, *start, 4.0)], []
    if most > 0:
        for z in np.argsort(-flow, kind="stable"):
            if flow[z] > 0:
                width = max(WIDEST_PT * float(flow[z]) / most, THINNEST_PT)
                colour = colours[result.place(zones[z])["admin"]]
                shafts += _arrow(axes, start, at[zones[z]], width, colour)
    axes.plot(*start, "*", markersize=8, color=style.BLACK, markeredgecolor="white", markeredgewidth=0.5, zorder=9)
    ground.name_places(axes, result, taken, np.full(len(geography.zones), 1.5), 5.6, shafts)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], width: float, colour: str) -> list[Bbox]:
    """A bent arrow whose shaft is `width` points wide; the room along it, in pixels, for labels to avoid."""
    scale = frame.pixels_a_point(axes)
    a, b = axes.transData.transform([start, end])
    length = float(np.hypot(*(b - a))) / scale
    bend = BEND if end[0] >= start[0] else -BEND
    head = min(2.5 + 0.9 * width, 0.45 * length)
    axes.add_artist(
        FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={bend}",
            arrowstyle=f"Simple,tail_width={width},head_width={width + 2.6},head_length={head}",
            shrinkA=min(4.0, 0.2 * length), shrinkB=0, facecolor=colour, edgecolor="white", linewidth=0.25,
            alpha=0.85, zorder=7,
        )
    )  # fmt: skip
    middle = (a + b) / 2 + bend * np.array([b[1] - a[1], a[0] - b[0]])
    steps = np.linspace(0.1, 1.0, 12)[:, None]
    path = (1 - steps) ** 2 * a + 2 * steps * (1 - steps) * middle + steps**2 * b
    reach = (width / 2 + 0.8) * scale
    return [Bbox.from_extents(x - reach, y - reach, x + reach, y + reach) for x, y in path] if width > 1.2 else []


def _width_key(figure: Figure, good: Good, most: float, kept: float, left: float, top: float) -> None:
    """Widths with their values in a row; and what the source keeps."""
    axes = frame.place(figure, left, top, COLUMN_MM, KEY_MM)
    axes.set(xlim=(0, COLUMN_MM), ylim=(0, KEY_MM))
    axes.set_axis_off()
    x, y = 0.0, KEY_MM / 2
    for value in dict.fromkeys((frame.nice(most), frame.nice(most / 4))) if most > 0 else ():
        width = WIDEST_PT * value / most * 25.4 / 72
        axes.add_patch(Rectangle((x, y - width / 2), 6, width, facecolor="#777777", linewidth=0))
        text = axes.text(x + 7.5, y, amount(value, good.unit), fontsize=5.8, va="center_baseline")
        x = text.get_window_extent().x1 / figure.dpi * 25.4 - left + 4
    words = f"kept inside the source: {amount(kept, good.unit, 2)}"
    words = words if most > 0 else f"none sent in this window; {words}"
    axes.text(x + 2, y, words, fontsize=5.8, color=style.GREY, va="center_baseline")


def _bars(axes: Axes, result: Result, good: Good, zones: list[str], moved: Reals, paid: Reals) -> None:
    """One bar a zone, the largest first; those beyond the most that fit are one bar."""
    rest = len(zones) - MOST_BARS if len(zones) > MOST_BARS + 1 else 0
    alone = zones[: len(zones) - rest]
    labels = [frame.place_name(result, key, 40) for key in alone]
    colours = frame.colours(result)
    inks = [colours[result.place(key)["admin"]] for key in alone]
    if rest:
        moved, paid = (np.column_stack([v[:, :MOST_BARS], v[:, MOST_BARS:].sum(axis=1)]) for v in (moved, paid))
        labels, inks = [*labels, f"{rest} others"], [*inks, style.GREY]
    labels = [frame.wrapped(frame.page_of(axes), label, LABELS_MM - 2, 1, fontsize=5.8) for label in labels]
    rows = np.arange(len(labels))
    low, high = np.quantile(moved, BAND, axis=0)
    top = max(float(high.max(initial=0.0)), float(paid.mean(axis=0).max(initial=0.0)))
    if top <= 0:
        frame.gap(axes, "none")
        axes.set_yticks(rows, labels, fontsize=5.8)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        return
    scale, unit = frame.scaled(top, good.unit)
    tints = [style.mixed(ink, 0.55 if good.paid else 0.85) for ink in inks]
    axes.barh(rows, moved.mean(axis=0) / scale, 0.72, color=tints, linewidth=0, zorder=2)
    if good.paid:
        axes.barh(rows, paid.mean(axis=0) / scale, 0.3, color=inks, linewidth=0, zorder=3)
    axes.plot(np.array([low, high]) / scale, [rows, rows], color=style.BLACK, linewidth=0.6, zorder=4)
    axes.set_yticks(rows, labels, fontsize=5.8)
    axes.tick_params(axis="y", length=0)
    axes.set(ylim=(len(labels) - 0.5, -0.5), xlim=(0, 1.04 * top / scale))
    frame.plain_numbers(axes, "x", 4, whole=good.unit == "count")
    paid_words = "; dark: paid in" if good.paid else ""
    axes.set_xlabel(unit + paid_words, fontsize=6, labelpad=1)

"""What happened month by month: one panel a quantity, a line and a band an administration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.figures import frame, style, words
from sim.results import Result
from sim.results.targets import BAND, targets_of

Reals = NDArray[np.float64]

YEAR = 12
SHADE = "#ECE9DC"
WHOLE = style.PURPLE


@dataclass(frozen=True)
class Line:
    """A metric as drawn: how months are combined, and the dash that tells it from others in its panel."""

    metric: str
    combine: Callable[[Reals], Reals]
    word: str = ""
    dash: Literal["-", "--"] = "-"


@dataclass(frozen=True)
class Panel:
    """A quantity: its title, its lines, and which places it has."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    whole: bool = False
    "Drawn for the whole region instead of the administrations."


def level(values: Reals) -> Reals:
    """As it is at the end of each month."""
    return values


def of_a_year(values: Reals) -> Reals:
    """Sum of the twelve months that end with each; undefined before there are twelve."""
    total = np.cumsum(values, axis=1)
    total[:, YEAR:] -= total[:, :-YEAR].copy()
    total[:, : YEAR - 1] = np.nan
    return total


def so_far(values: Reals) -> Reals:
    """Sum since the start."""
    return np.cumsum(values, axis=1)


PANELS = (
    Panel("Branches alive", "count", (Line("branches_alive", level),)),
    Panel("Branches opened, in 12 months", "count", (Line("branches_opened", of_a_year),)),
    Panel("Achievement deals, in 12 months", "count",
          (Line("deals", of_a_year, "all"), Line("deals_brokered", of_a_year, "brokered", "--"))),
    Panel("Service contracts, in 12 months", "count", (Line("contracts_service", of_a_year),)),
    Panel("Park programmes since the start", "yuan",
          (Line("programmes_pledged_yuan", so_far, "pledged"), Line("programmes_drawn_yuan", so_far, "drawn", "--"))),
    Panel("Ventures alive", "count", (Line("ventures_alive", level),)),
    Panel("Institutes on the platform", "count", (Line("platform_members", level),), whole=True),
)  # fmt: skip


def draw(result: Result, out: Path) -> Path:
    """Draws small multiples with medians and 90 % bands over replicates."""
    with style.styled():
        band = f"bands: {100 * BAND[0]:g} % to {100 * BAND[1]:g} % of {result.replicates} replicates"
        if result.replicates == 1:
            band = "one replicate, so no bands"
        first, last = words.month_of(result.months[0]), words.month_of(result.months[-1])
        figure = frame.page(
            result, f"{style.literal(result.manifest['title'] or result.name, 80)}",
            f"Monthly, {first} to {last}. Lines: medians; {band}. Each panel has its own scale.", 196,
        )  # fmt: skip
        grid = figure.subplots(4, 2)
        panels: list[Axes] = list(grid.ravel())
        for axes, panel in zip(panels, PANELS, strict=False):
            _panel(axes, result, panel)
        _legend(panels[len(PANELS)], result)
        figure.align_ylabels(grid)
        return style.save(figure, out)


def _panel(axes: Axes, result: Result, panel: Panel) -> None:
    frame.heading(axes, panel.title)
    absent = [line.metric for line in panel.lines if line.metric not in result.metrics]
    if absent:
        frame.gap(axes, f"not in this result: {', '.join(absent)}")
        return
    colours = frame.colours(result)
    if panel.whole:
        colours = {result.whole: WHOLE}
    curves = []
    for line in panel.lines:
        series = line.combine(result.series(line.metric).astype(np.float64))
        for place in colours:
            values = series[:, :, result.at(place)]
            if np.nanmax(values, initial=0.0) > 0:
                curves.append((line, place, values))
    if not curves:
        short = any(line.combine is of_a_year for line in panel.lines) and len(result.months) < YEAR
        frame.gap(axes, "not covered by this run: under 12 months" if short else "none in this run")
        return
    known = [np.isfinite(values).all(axis=0) for _, _, values in curves]
    bands = [np.quantile(v[:, s], (0.5, *BAND), axis=0) for (_, _, v), s in zip(curves, known, strict=True)]
    top = max(float(band.max()) for band in bands) or 1.0
    scale, unit = frame.scaled(top, panel.unit)
    _windows(axes, result, panel)
    months = np.arange(len(result.months))
    for (line, place, _), seen, band in zip(curves, known, bands, strict=True):
        middle, low, high = band / scale
        axes.fill_between(months[seen], low, high, color=colours[place], alpha=0.2, linewidth=0, zorder=2)
        mark = "." if seen.sum() == 1 else ""
        axes.plot(months[seen], middle, line.dash, color=colours[place], linewidth=1.1, marker=mark, zorder=3)
    if len(panel.lines) > 1:
        handles = [Line2D([], [], color="#444444", linestyle=w.dash, linewidth=1.1, label=w.word) for w in panel.lines]
        axes.legend(handles=handles, loc="upper left", ncols=2, handlelength=2.2, borderaxespad=0.2)
    axes.set_ylim(0, (1.06 if len(panel.lines) == 1 else 1.2) * top / scale)  # a legend stands above the lines
    axes.set_ylabel(unit)
    frame.plain_numbers(axes, whole=panel.unit == "count")
    frame.month_axis(axes, result.months)


def _windows(axes: Axes, result: Result, panel: Panel) -> None:
    """Shades the windows of the figures that this panel's metrics are held against."""
    for start, end in _fitted_windows(result, panel):
        axes.axvspan(result.month(start) - 0.5, result.month(end) + 0.5, color=SHADE, linewidth=0, zorder=0)


def _fitted_windows(result: Result, panel: Panel) -> list[tuple[str, str]]:
    metrics = {line.metric for line in panel.lines}
    wanted = (t for t in targets_of(result) if t.metric in metrics and t.kind == "fitted")
    return [(t.start, t.end) for t in wanted if result.covers(t.start, t.end)]


def _legend(axes: Axes, result: Result) -> None:
    axes.set_axis_off()
    colours = frame.colours(result)
    handles: list[Artist] = [
        Line2D([], [], color=colour, label=frame.place_name(result, key, 40)) for key, colour in colours.items()
    ]
    handles.append(Line2D([], [], color=WHOLE, label=f"{frame.place_name(result, result.whole, 40)}, whole"))
    if result.replicates > 1:
        handles.append(Patch(facecolor="#BBBBBB", label="90 % of replicates"))
    if any(_fitted_windows(result, panel) for panel in PANELS):
        handles.append(Patch(facecolor=SHADE, label="window of a figure that a level was fitted to"))
    axes.legend(handles=handles, loc="upper left", title="Places", title_fontproperties={"weight": "bold", "size": 7},
                alignment="left", borderaxespad=0.4, labelspacing=0.6)  # fmt: skip

"""A small sweep: lines with bands along one axis, heat maps over two."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.errors import Finding, InputError
from sim.figures import frame, style, words
from sim.results.effects import spread
from sim.results.replicates import share
from sim.results.sweeps import Axis, Outcome, Sweep

Reals = NDArray[np.float64]

ROW_MM = 58.0
TITLE_MM = 76.0
MOST_WRITTEN = 80
"Cells of a heat map in which the value is still written."


def draw(sweep: Sweep, out: Path, language: str = "en") -> Path:
    """Draws one panel an outcome."""
    if len(sweep.axes) not in (1, 2):
        raise InputError(
            Finding(message="a picture shows a sweep over one or two axes", found=f"{len(sweep.axes)} axes",
                    path=sweep.name)
        )  # fmt: skip
    with style.styled(language):
        columns = min(2, max(1, len(sweep.outcomes)))
        rows = max(1, math.ceil(len(sweep.outcomes) / columns))
        paths = words.say(" and ").join(_name(sweep, axis) for axis in sweep.axes)
        how = words.say(
            "line: mean; dark: 90 % interval of the mean; light: 90 % of replicates"
            if len(sweep.axes) == 1
            else "mean of the replicates in each cell"
        )
        said = words.either(sweep.note, sweep.note_zh)
        note = style.literal(said, 240) + words.space() if said else ""
        origin = style.literal(sweep.origin or sweep.name, 240)
        figure = frame.leaf(
            style.literal(words.either(sweep.name, sweep.title_zh), 160),
            note + words.say("Sweep over {paths}. Replicates of each point: {count}, the same seeds at every point; "
                             "{how}.", paths=paths, count=sweep.replicates, how=how),
            rows * ROW_MM,
            [
                words.say("Experiment {origin} · seed {seed}", origin=origin, seed=sweep.seed),
                frame.simulated(sweep.scale),
            ],
        )  # fmt: skip
        grid = frame.panels(figure, len(sweep.outcomes), columns)
        for axes, outcome in zip(grid.ravel(), sweep.outcomes, strict=False):
            look: dict[str, Any] = {"fontsize": 7, "fontweight": "bold"}
            title = frame.wrapped(figure, _title(outcome), TITLE_MM, 3, **look)
            axes.set_title(title, loc="left", **look)
            if not np.isfinite(outcome.values).any():
                frame.gap(axes, words.say("no run gave a value"))
            elif len(sweep.axes) == 1:
                _lines(axes, sweep, outcome)
            else:
                _heat(figure, axes, sweep, outcome)
        return style.save(figure, out)


def _title(outcome: Outcome) -> str:
    """What an outcome is, in the words of the picture."""
    if not outcome.metric:
        return style.literal(words.sentence(outcome.title), 200)
    places = [words.either(*names) for names in outcome.places]
    comma = "，" if words.chinese() else ", "
    parts = [words.metric(outcome.metric), words.window(*outcome.months), " + ".join(places)]
    return style.literal(comma.join(parts), 200)


def _name(sweep: Sweep, axis: Axis, between: str = " ") -> str:
    """An axis in words; in English its path stands beside them, since that is what a file sets."""
    named = words.parameter(axis.path, sweep.names_zh)
    if words.chinese() or named == axis.path or axis.path == "arm":
        return style.literal(named, 60)
    return f"{style.literal(named, 60)}{between}({style.literal(axis.path, 60)})"


def _lines(axes: Axes, sweep: Sweep, outcome: Outcome) -> None:
    (axis,) = sweep.axes
    at = _positions(axis)
    points = [spread(row[np.isfinite(row)]) for row in outcome.values if np.isfinite(row).any()]
    x = np.array([p for p, row in zip(at, outcome.values, strict=True) if np.isfinite(row).any()])
    mean, low, high, least, most = (
        np.array([getattr(point, name) for point in points], np.float64)
        for name in ("mean", "low", "high", "band_low", "band_high")
    )
    scale, unit = frame.scaled(float(np.abs(most).max()), outcome.unit)
    axes.fill_between(x, least / scale, most / scale, color=style.BLUE, alpha=0.15, linewidth=0)
    axes.fill_between(x, low / scale, high / scale, color=style.BLUE, alpha=0.4, linewidth=0)
    axes.plot(x, mean / scale, "o-", color=style.BLUE, markersize=2.5)
    axes.set_xticks(at, _labels(sweep, axis))
    axes.set_xlabel(_name(sweep, axis))
    axes.set_ylabel(unit)
    axes.margins(x=0.04)
    frame.plain_numbers(axes)


def _heat(figure: Figure, axes: Axes, sweep: Sweep, outcome: Outcome) -> None:
    down, across = sweep.axes
    counted = np.isfinite(outcome.values).sum(axis=2)
    total = np.where(np.isfinite(outcome.values), outcome.values, 0.0).sum(axis=2)
    mean = share(total, counted)
    scale, unit = frame.scaled(float(np.nanmax(np.abs(mean))), outcome.unit)
    shown = mean / scale
    image = axes.imshow(np.ma.masked_invalid(shown), cmap="cividis", aspect="auto", origin="lower")
    axes.set_facecolor("#E6E6E6")
    bar = figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02)
    bar.outline.set_linewidth(0.4)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(frame.number))
    bar.set_label(unit)
    axes.set_xticks(range(len(across.values)), _labels(sweep, across))
    axes.set_yticks(range(len(down.values)), _labels(sweep, down))
    axes.set_xlabel(_name(sweep, across))
    axes.set_ylabel(_name(sweep, down, "\n"))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if shown.size <= MOST_WRITTEN:
        middle = (np.nanmin(shown) + np.nanmax(shown)) / 2
        for (i, j), value in np.ndenumerate(shown):
            known = math.isfinite(value)
            ink = style.BLACK if not known or value > middle else "white"
            told = f"{value:,.3g}" if known and abs(value) < 1000 else f"{value:,.0f}" if known else words.say("failed")
            axes.text(j, i, told,
                      ha="center", va="center", fontsize=5.6, color=ink)  # fmt: skip


def _positions(axis: Axis) -> Reals:
    """Where values stand: at themselves if they are rising numbers, else side by side."""
    if axis.numeric:
        return np.array([float(str(value)) for value in axis.values])
    return np.arange(len(axis.values), dtype=np.float64)


def _labels(sweep: Sweep, axis: Axis) -> list[str]:
    named = sweep.names_zh if words.chinese() else {}
    return [f"{v:g}" if isinstance(v, float) else style.literal(named.get(str(v), str(v)), 24) for v in axis.values]

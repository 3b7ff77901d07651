"""What scenario B changes against A: paired effects over time and by place, one row a metric."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures import frame, style
from sim.figures.words import comma, month_of, say, space, window
from sim.figures.words import metric as name_of_metric
from sim.results import Result
from sim.results.effects import HEADLINE, LEVEL, NO_DIFFERENCE, Pair, by_place, first_difference, over_time

ROW_MM = 47.0
MOST_PLACES = 10


def draw(both: Pair, out: Path, metrics: Sequence[str] = HEADLINE, language: str = "en") -> Path:
    """Draws differences B - A, cumulated over the whole region, and at the end by zone."""
    with style.styled(language):
        wanted = [metric for metric in metrics if metric in both.metrics]
        shown = [metric for metric in wanted if not _identical(both, metric)]
        same = [title_of(both, metric).lower() for metric in wanted if metric not in shown]
        a, b = both.a, both.b
        many = len(both.replicates)
        since = first_difference(both)
        told = say("First difference of any metric in {month}.", month=month_of(since)) if since else ""
        told = told or say("Nothing differs in any month.")
        if same and shown:
            told += space() + say("Exactly the same in every replicate: {metrics}.", metrics=comma().join(same))
        figure = frame.leaf(
            say("What {b} changes against {a}", a=_name(a, b), b=_name(b, a)),
            say("Paired differences under the same random numbers, {pairs} pairs. Dark: {level} % interval of the "
                "mean; light: {level} % of replicates.", pairs=many, level=f"{100 * LEVEL:g}") + space() + told,
            max(1, len(shown)) * ROW_MM,
            [
                say("A: {a} · B: {b} · seed {seed} · redraw with: jjj compare A B", a=_origin(a), b=_origin(b),
                    seed=a.manifest["seed"]),
                frame.evidence(b),
            ],
        )  # fmt: skip
        if not shown:
            frame.gap(
                figure.subplots(), say(NO_DIFFERENCE) if wanted else say("the results share none of these metrics")
            )
            return style.save(figure, out)
        grid = figure.subplots(len(shown), 2, squeeze=False, width_ratios=(1.25, 1))
        for row, metric in enumerate(shown):
            _over_time(grid[row, 0], both, metric)
            _by_place(figure, grid[row, 1], both, metric)
        figure.align_ylabels(grid[:, 0])
        return style.save(figure, out)


def _identical(both: Pair, metric: str) -> bool:
    a, b = both.series(metric)
    return bool((a == b).all())


def _name(result: Result, other: Result) -> str:
    """A scenario's name, with the head of its key where the other has the same name."""
    name = style.literal(result.name, 30)
    return f"{name} ({result.manifest['key'][:6]})" if result.name == other.name else name


def _origin(result: Result) -> str:
    return f"results/{style.literal(result.name, 30)}/{result.manifest['key']}"


def title_of(both: Pair, metric: str) -> str:
    """A metric in words."""
    return style.literal(name_of_metric(metric), 40)


def _over_time(axes: Axes, both: Pair, metric: str) -> None:
    path = over_time(both, metric, both.a.whole)
    since = "{metric}, since the start" if path.cumulative else "{metric}, at the end of the month"
    frame.heading(axes, say(since, metric=title_of(both, metric)))
    if path.spread.exactly_zero.all():
        frame.gap(axes, say("whole region: {what}", what=say(NO_DIFFERENCE)))
        return
    found = path.spread
    top = float(np.nanmax(np.abs([found.band_low, found.band_high, found.mean])))
    scale, unit = frame.scaled(top, path.unit)
    months = np.arange(len(path.months))
    axes.axhline(0, color=style.BLACK, linewidth=0.6, zorder=1)
    axes.fill_between(months, found.band_low / scale, found.band_high / scale, color=style.BLUE, alpha=0.15, lw=0)
    axes.fill_between(months, found.low / scale, found.high / scale, color=style.BLUE, alpha=0.4, lw=0)
    axes.plot(months, found.mean / scale, color=style.BLUE, marker="." if len(months) == 1 else "")
    axes.set_ylabel(say("difference, {unit}", unit=unit))
    frame.plain_numbers(axes)
    frame.month_axis(axes, path.months)


def _by_place(figure: Figure, axes: Axes, both: Pair, metric: str) -> None:
    start, end = both.a.months[0], both.a.months[-1]
    effects = sorted(by_place(both, metric, start, end, both.a.zones), key=lambda e: -abs(e.difference))
    differing = [one for one in effects if not one.exactly_zero]
    shown = differing[:MOST_PLACES]
    stock = both.a.describe(metric)["reduce"] != "sum"
    rest = len(differing) - len(shown)
    when = window(end, end) if stock else window(start, end)
    more = space(";") + say("{count} smaller not shown", count=rest) if rest else ""
    axes.set_title(say("by zone, {when}", when=when) + more, loc="left", fontsize=7)
    if not shown:
        frame.gap(axes, say(NO_DIFFERENCE))
        return
    top = max(max(abs(e.difference), abs(np.nan_to_num(e.low)), abs(np.nan_to_num(e.high))) for e in shown)
    scale, unit = frame.scaled(top, shown[0].unit)
    colours = frame.colours(both.a)
    for row, one in enumerate(shown):
        ink = colours[both.a.place(one.place)["admin"]]
        axes.barh(row, one.difference / scale, 0.7, color=style.mixed(ink, 0.6), linewidth=0)
        axes.plot([one.low / scale, one.high / scale], [row, row], color=style.BLACK, linewidth=0.7)
    axes.axvline(0, color=style.BLACK, linewidth=0.6)
    axes.use_sticky_edges = False
    labels = [frame.wrapped(figure, frame.place_name(both.a, one.place, 40), 27, 1, fontsize=5.8) for one in shown]
    frame.rows(axes, labels, max(len(shown), 5))
    frame.plain_numbers(axes, "x", 4)
    axes.set_xlabel(say("difference, {unit}", unit=unit))

"""What arms change against the first: paired effects over time with bands, and in the window in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from sim.figures import arms, frame, style, words
from sim.results.arms import Answers, effect, order, over_time, pairs_of

ROW_MM = 50.0
MOST_METRICS = 4


def draw(answers: Answers, out: Path, metrics: Sequence[str] = (), language: str = "en") -> Path:
    """Draws one row a metric."""
    with style.styled(language):
        shown = list(metrics or answers.metrics)[:MOST_METRICS]
        window = next(iter(answers.windows))
        ink = arms.colours(answers)
        height = ROW_MM + 3.4 * max(0, len(answers.arms) - 9)
        first = words.sentence(arms.name_of(answers, answers.arms[0]))
        said = [
            words.say("{arm} is what the others are held against. Paired differences under the same random numbers, "
                      "{pairs} pairs; line and dot: mean; band and bar: 90 % interval of the mean.",
                      arm=first, pairs=answers.pairs),
            words.say("Hollow: unresolved, the interval holds 0."),
        ]  # fmt: skip
        failed = int(np.isnan(answers.window(shown[0], arms.places_for(answers, shown[0]), window)).sum())
        if failed:
            said.append(words.say("Runs that failed: {count}; their pairs are left out.", count=failed))
        figure = frame.leaf(
            arms.title_of(answers),
            words.space().join(said),
            len(shown) * height,
            arms.foot(answers),
        )
        grid = figure.subplots(len(shown), 2, squeeze=False, width_ratios=(1.2, 1))
        for row, metric in zip(grid, shown, strict=True):
            _over_time(row[0], answers, metric, window, ink)
            _in_order(row[1], answers, metric, window, ink)
        figure.align_ylabels(grid[:, 0])
        return style.save(figure, out)


def _over_time(axes: Axes, answers: Answers, metric: str, window: str, ink: dict[str, str]) -> None:
    places = arms.places_for(answers, metric)
    summed = answers.metrics[metric]["reduce"] == "sum"
    since = "{metric}, since the start" if summed else "{metric}, at the end of the month"
    frame.heading(axes, words.say(since, metric=words.metric(metric)))
    paths = {arm: over_time(answers, arm, metric, places) for arm in answers.arms[1:]}
    paths = {arm: path for arm, path in paths.items() if path.mean.size}
    if not paths:
        frame.gap(axes, words.say("no pair is complete"))
        return
    if all(path.exactly_zero.all() for path in paths.values()):
        frame.gap(axes, words.say("No arm changes this: exactly 0 in every pair"))
        return
    scale, unit = arms.unit_of(answers, metric, *(x for p in paths.values() for x in (p.low, p.high, p.mean)))
    months = np.arange(len(answers.months))
    axes.axhline(0, color=style.BLACK, linewidth=0.6, zorder=1)
    pale_first = sorted(paths, key=lambda arm: ink[arm] != arms.PALE)
    for arm in pale_first:
        path, colour = paths[arm], ink[arm]
        if colour != arms.PALE:
            axes.fill_between(months, path.low / scale, path.high / scale, color=colour, alpha=0.18, linewidth=0)
        axes.plot(months, path.mean / scale, color=colour, linewidth=1.1 if colour != arms.PALE else 0.7)
    start, end = (answers.months.index(month) for month in answers.windows[window])
    axes.axvspan(start - 0.5, end + 0.5, ymax=0.015, color=style.GREY, linewidth=0)
    axes.set_ylabel(words.say("difference, {unit}", unit=unit))
    frame.plain_numbers(axes)
    frame.month_axis(axes, answers.months)


def _in_order(axes: Axes, answers: Answers, metric: str, window: str, ink: dict[str, str]) -> None:
    places = arms.places_for(answers, metric)
    axes.set_title(
        words.say("{where}, {when}", where=arms.where(answers, places), when=words.window(*answers.windows[window])),
        loc="left", fontsize=7,
    )  # fmt: skip
    effects = {arm: effect(answers, arm, metric, places, window) for arm in answers.arms}
    effects = {arm: one for arm, one in effects.items() if one.pairs}
    if len(effects) < 2:
        frame.gap(axes, words.say("no pair is complete"))
        return
    ranked = sorted(effects, key=lambda arm: (-effects[arm].difference, answers.arms.index(arm)))
    scale, unit = arms.unit_of(answers, metric, *([e.low, e.high, e.difference] for e in effects.values()))
    axes.axvline(0, color=style.BLACK, linewidth=0.6, zorder=1)
    for row, arm in enumerate(ranked):
        one = effects[arm]
        if arm == answers.arms[0]:
            axes.plot(0, row, marker="|", color=style.BLACK, markersize=7)
            continue
        colour = ink[arm] if ink[arm] != arms.PALE else style.GREY
        axes.plot([one.low / scale, one.high / scale], [row, row], color=colour, linewidth=1.4, solid_capstyle="butt")
        axes.plot(one.difference / scale, row, "o", markersize=3.6, markeredgecolor=colour, markeredgewidth=0.9,
                  markerfacecolor=colour if one.resolved else "white")  # fmt: skip
    frame.rows(axes, [arms.name_of(answers, arm, 26) for arm in ranked], max(len(ranked), 4), 6)
    frame.plain_numbers(axes, "x", 4)
    axes.margins(x=0.06)
    axes.set_xlabel(words.say("difference, {unit}", unit=unit) + _told(answers, metric, window))


def _told(answers: Answers, metric: str, window: str) -> str:
    """How far the order can be told, under its axis."""
    pairs = pairs_of(answers.window(metric, arms.places_for(answers, metric), window), answers.drawn)
    steps = order(pairs, answers.arms, answers.drawn)
    unresolved = sum(not step.resolved for step in steps)
    if not unresolved:
        return "\n" + words.say("Order resolved at every step.")
    return "\n" + words.say("{count} of {steps} steps of the order are unresolved.", count=unresolved, steps=len(steps))

"""Small multiples: what arms change in each city, over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.figures import arms, frame, style, words
from sim.results.arms import Answers, over_time

ACROSS = 5
ROW_MM = 27.0
KEY_MM = 5.0
TITLE_MM = 29.0
MOST_ARMS = 4


def draw(answers: Answers, out: Path, metric: str = "", language: str = "en") -> Path:
    """Draws one panel a zone that is looked at, and in it one line an arm."""
    with style.styled(language):
        metric = metric or next(iter(answers.metrics))
        window = next(iter(answers.windows))
        zones = zones_of(answers)
        ranked = arms.changing(answers, metric, arms.places_for(answers, metric), window)
        shown = list(ranked)[:MOST_ARMS]
        ink = arms.colours(answers)
        summed = answers.metrics[metric]["reduce"] == "sum"
        how = words.say("since the start" if summed else "at the end of the month")
        said = words.say("Each panel has its own scale. Line: mean of {pairs} pairs; band: 90 % interval of the mean.",
                         pairs=answers.pairs)  # fmt: skip
        if len(answers.arms) - 1 > len(shown):
            said += words.space() + words.say("The {count} arms that change most are drawn; the others change less.",
                                      count=len(shown))  # fmt: skip
        down = math.ceil(len(zones) / ACROSS)
        foot = arms.foot(answers)
        figure = frame.leaf(
            words.say("{metric} by city: difference from {arm}, {how}", metric=words.metric(metric),
                      arm=arms.name_of(answers, answers.arms[0]), how=how),
            said,
            down * ROW_MM,
            foot,
            KEY_MM,
        )  # fmt: skip
        grid = frame.panels(figure, len(zones), min(ACROSS, len(zones)), sharex=True)
        last = len(zones) - grid.shape[1]
        for at, (axes, zone) in enumerate(zip(grid.ravel(), zones, strict=False)):
            _panel(axes, answers, metric, zone, shown, ink)
            axes.tick_params(axis="x", labelbottom=at >= last)
        unit = frame.scaled(0.0, str(answers.metrics[metric]["unit"]))[1]
        figure.supylabel(words.say("difference, {unit}", unit=unit), fontsize=7)
        lines = [Line2D([], [], color=ink[arm], linewidth=1.4) for arm in shown]
        frame.key(figure, foot, lines, [arms.name_of(answers, arm) for arm in shown])
        return style.save(figure, out)


def zones_of(answers: Answers) -> list[str]:
    """The zones of the administrations that are looked at, or the places themselves."""
    zones = [p["key"] for p in answers.places if p["kind"] == "zone" and p.get("admin") in answers.pictured]
    return zones or list(answers.pictured)


def _panel(axes: Axes, answers: Answers, metric: str, zone: str, shown: Sequence[str], ink: dict[str, str]) -> None:
    name = frame.shortened(frame.page_of(axes), arms.where(answers, [zone]), TITLE_MM, fontsize=6.5)
    axes.set_title(name, loc="left", fontsize=6.5)
    paths = {arm: over_time(answers, arm, metric, [zone]) for arm in shown}
    months = np.arange(len(answers.months))
    axes.axhline(0, color=style.BLACK, linewidth=0.5, zorder=1)
    frame.month_axis(axes, answers.months)
    if all(not path.mean.size or path.exactly_zero.all() for path in paths.values()):
        axes.text(
            0.5, 0.6, words.say("exactly 0"), transform=axes.transAxes, ha="center", fontsize=5.6, color=style.GREY
        )
        axes.set_yticks([0], ["0"], fontsize=5.4)
        return
    unit = str(answers.metrics[metric]["unit"])
    scale = frame.scaled(0.0, unit)[0]
    for arm, path in paths.items():
        axes.fill_between(months, path.low / scale, path.high / scale, color=ink[arm], alpha=0.18, linewidth=0)
        axes.plot(months, path.mean / scale, color=ink[arm], linewidth=0.9)
    frame.plain_numbers(axes, ticks=3)
    axes.tick_params(labelsize=5.4)

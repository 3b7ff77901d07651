"""Bars of Sobol' indices; and what outcomes rest on by grade of evidence, with priors of judgement at three widths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.figures import arms, frame, grades, style, words
from sim.results.arms import Answers
from sim.results.sensitivity import Index, Sobol

ROW_MM = 4.8
STACK_MM = 54.0
TITLE_MM = 38.0
DODGE = 0.12
REACH = (-0.15, 1.15)
"Of the shares that are drawn: estimates from few blocks may lie outside 0 to 1."
WIDTHS = {0.5: "half as wide", 1.0: "as declared", 2.0: "twice as wide"}


def draw(answers: Answers, found: Mapping[str, Sobol], out: Path, language: str = "en") -> Path:
    """Draws one panel an outcome; `found` is by metric."""
    with style.styled(language):
        one = next(iter(found.values()))
        bars = min(grades.MOST_BARS, max(len(s.indices) for s in found.values())) + 2
        figure, grid = grades.page(
            answers,
            arms.title_of(answers),
            words.say("Sobol' indices from {blocks} blocks; replicates of each point: {replicates}. Dark: alone; "
                      "light: with all interactions; whisker: 90 % interval. Dummy: a number that does nothing; "
                      "chance: what the replicates leave.", blocks=one.blocks, replicates=answers.replicates),
            len(found),
            min(2, len(found)),
            grades.HEAD_MM + bars * ROW_MM,
            grades.occurring(index for indices in found.values() for index in indices.indices),
            sharex=True,
        )  # fmt: skip
        for axes, (metric, indices) in zip(grid.ravel(), found.items(), strict=False):
            _panel(axes, answers, metric, indices, bars)
            axes.tick_params(labelbottom=True)
        return style.save(figure, out)


def _panel(axes: Axes, answers: Answers, metric: str, found: Sobol, bars: int) -> None:
    frame.heading(axes, words.metric(metric))
    if found.variance == 0:
        frame.gap(axes, words.say("Nothing varies: the outcome is the same at every point."))
        return
    shown = [*found.indices[: bars - 2], found.dummy]
    for row, one in enumerate(shown):
        ink = grades.ink(one.grade)
        _bar(axes, row - 0.19, one.total, one.total_low, one.total_high, style.mixed(ink, 0.45))
        _bar(axes, row + 0.19, one.first, one.first_low, one.first_high, ink)
    labels = [_name(answers, one) for one in shown]
    if answers.replicates > 1:  # one run a point does not tell what is chance
        axes.barh(len(shown), found.chance, 0.38, color=style.GREY, linewidth=0)
        labels.append(words.say("chance"))
    frame.rows(axes, labels, bars)
    axes.axvline(0, color=style.BLACK, linewidth=0.6)
    axes.set_xlim(-0.1, max(1.0, *(min(one.total_high, 1.5) for one in shown)))
    frame.plain_numbers(axes, "x", 5)
    grades.below(axes, words.say("share of variance"), _verdict(found))


def _bar(axes: Axes, row: float, value: float, low: float, high: float, ink: str) -> None:
    axes.barh(row, value, 0.36, color=ink, linewidth=0)
    axes.plot([low, high], [row, row], color=style.BLACK, linewidth=0.6)


def _name(answers: Answers, one: Index) -> str:
    if one.name == "dummy":
        return words.say("dummy")
    if one.name in grades.COLOURS:
        return words.grade(one.name)
    return grades.name_of(answers, one.name)


def _verdict(found: Sobol) -> str:
    if found.converged:
        return words.say("Converged.")
    width = found.widest.total_high - found.widest.total_low
    return words.say("Not converged: widest interval {width}; about {needed} blocks are needed.",
                     width=f"{width:.2f}", needed=f"{found.needed:,}")  # fmt: skip


def draw_evidence(
    answers: Answers, found: Mapping[str, Mapping[float, Sobol]], out: Path, language: str = "en"
) -> Path:
    """Draws what outcomes rest on: `found` is by metric and by width of the priors of judgement, its indices grades."""
    with style.styled(language):
        shown = [one for by_width in found.values() for one in by_width.values()]
        figure, grid = grades.page(
            answers,
            words.say("What the results rest on: measured numbers or assumptions"),
            words.say("Share of each outcome's variance that goes with the numbers of a grade of evidence alone, all "
                      "of a grade moved together; bar: 90 % interval, as far as the panel reaches. Across: priors of "
                      "judgement half as wide, as declared, twice as wide. Blocks: {blocks}.",
                      blocks=shown[0].blocks),
            len(found),
            min(4, len(found)),
            STACK_MM,
            grades.occurring(index for one in shown for index in one.indices),
            sharey=True,
        )  # fmt: skip
        for axes, (metric, by_width) in zip(grid.ravel(), found.items(), strict=False):
            _by_width(axes, metric, by_width)
        for axes in grid[:, 0]:
            axes.set_ylabel(words.say("share of variance"))
        return style.save(figure, out)


def _by_width(axes: Axes, metric: str, by_width: Mapping[float, Sobol]) -> None:
    """One line a grade over the widths: what it does alone, with its interval as far as the panel reaches."""
    look: dict[str, Any] = {"fontsize": 7, "fontweight": "bold"}
    axes.set_title(frame.wrapped(frame.page_of(axes), words.metric(metric), TITLE_MM, 2, **look), loc="left", **look)
    shown = [width for width in WIDTHS if width in by_width]
    drawn = grades.occurring(index for one in by_width.values() for index in one.indices)
    for nth, grade in enumerate(drawn):
        dodge = DODGE * (nth - (len(drawn) - 1) / 2)
        at, share, low, high = [], [], [], []
        for width in shown:
            index = next((i for i in by_width[width].indices if i.grade == grade), None)
            if index is not None:
                at.append(list(WIDTHS).index(width) + dodge)
                share.append(index.first)
                low.append(index.first_low)
                high.append(index.first_high)
        ink = grades.ink(grade)
        axes.vlines(at, np.clip(low, *REACH), np.clip(high, *REACH), color=ink, linewidth=0.9)
        axes.plot(at, share, "o-", color=ink, markersize=2.6, linewidth=0.8)
    axes.axhline(0, color=style.BLACK, linewidth=0.6, zorder=1)
    axes.set_xticks(range(len(WIDTHS)), [_ticked(by_width, width) for width in WIDTHS], fontsize=5.2)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(WIDTHS) - 0.5)
    axes.set_ylim(*REACH)
    axes.set_yticks(np.linspace(0, 1, 6))


def _ticked(by_width: Mapping[float, Sobol], width: float) -> str:
    """A width, and by how much the variance differs from that of the declared priors."""
    name = words.say(WIDTHS[width])
    if width not in by_width:
        return f"{name}\n{words.say('not yet computed')}"
    base = by_width.get(1.0)
    if base is None or base.variance == 0 or width == 1.0:
        return name
    return f"{name}\n" + words.say("variance x {factor}", factor=f"{by_width[width].variance / base.variance:.2g}")

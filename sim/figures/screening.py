"""Tornado of a Morris screening: how far each uncertain number moves an outcome, coloured by its evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures import arms, frame, style, words
from sim.results.arms import Answers
from sim.results.sensitivity import AGREEING, Screening

MOST_BARS = 12
ROW_MM = 4.6
HEAD_MM = 17.0
KEY_MM = 5.0
BELOW_MM = 60.0
"Room for words below a panel."
GRADE_COLOURS = {"H": style.BLUE, "M": style.SKY, "L": style.ORANGE, "assumption": style.VERMILION}
"Blue is measured, orange and red are judgement."


def draw(answers: Answers, found: Mapping[str, Screening], out: Path, language: str = "en") -> Path:
    """Draws one panel an outcome; `found` is by metric."""
    with style.styled(language):
        one = next(iter(found.values()))
        bars = min(MOST_BARS, max(len(s.effects) for s in found.values()))
        across = min(2, len(found))
        down = math.ceil(len(found) / across)
        foot = arms.foot(answers, f"jjj sensitivity {answers.name}.yaml")
        figure = frame.leaf(
            arms.title_of(answers),
            words.say("Morris: {trajectories} trajectories; replicates of each point: {replicates}. Bar: mean size of "
                      "the effect of moving a number through its prior; whisker: 90 % interval; tick: mean with its "
                      "sign.",
                      trajectories=one.trajectories, replicates=answers.replicates)
            + words.space()
            + words.say("Dashed: what a dummy would show that only lets chance fall otherwise."),
            down * (HEAD_MM + bars * ROW_MM),
            foot,
            KEY_MM,
        )  # fmt: skip
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.ravel()[len(found) :]:
            axes.set_axis_off()
        for axes, (metric, screening) in zip(grid.ravel(), found.items(), strict=False):
            _panel(axes, answers, metric, screening, bars)
        legend(figure, foot, [e.grade for s in found.values() for e in s.effects])
        return style.save(figure, out)


def legend(figure: Figure, foot: Sequence[str], grades: Sequence[str]) -> None:
    """The grades of evidence that occur, below the panels."""
    shown = [grade for grade in GRADE_COLOURS if grade in grades]
    patches = [Patch(color=GRADE_COLOURS[grade]) for grade in shown]
    labels = [words.say("evidence: {grade}", grade=words.grade(grade)) for grade in shown]
    frame.key(figure, foot, patches, labels)


def _panel(axes: Axes, answers: Answers, metric: str, found: Screening, bars: int) -> None:
    axes.set_title(words.metric(metric), loc="left", fontsize=7.5, fontweight="bold")
    shown = [e for e in found.effects if e.size > 0][:bars]
    if not shown:
        frame.gap(axes, words.say("Nothing moves this outcome."))
        return
    scale, unit = arms.unit_of(answers, metric, [e.high for e in shown])
    for row, one in enumerate(shown):
        axes.barh(row, one.size / scale, 0.72, color=GRADE_COLOURS.get(one.grade, style.GREY), linewidth=0, alpha=0.85)
        low, high = max(one.low, 0.0) / scale, one.high / scale
        axes.plot([low, high], [row, row], color=style.BLACK, linewidth=0.7)
        axes.plot(one.mean / scale, row, marker="|", color=style.BLACK, markersize=5, markeredgewidth=0.9)
    axes.axvline(0, color=style.BLACK, linewidth=0.6)
    if found.chance > 0:
        axes.axvline(found.chance / scale, color=style.GREY, linewidth=0.8, linestyle=(0, (3, 2)))
    labels = [style.literal(words.parameter(one.name, answers.names_zh), 34) for one in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=5.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(bars - 0.4, -0.6)
    frame.plain_numbers(axes, "x", 4)
    below(axes, words.say("effect, {unit}", unit=unit), *_verdict(answers, found))


def below(axes: Axes, label: str, *sentences: str) -> None:
    """The label of an axis, and under it what may be concluded."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    told = [frame.wrapped(figure, sentence, BELOW_MM, 2, fontsize=5.8) for sentence in sentences]
    axes.set_xlabel("\n".join([label, *told]), fontsize=5.8, linespacing=1.25)


def _verdict(answers: Answers, found: Screening) -> list[str]:
    name = style.literal(words.parameter(found.effects[0].name, answers.names_zh), 34)
    share = f"{100 * found.agreeing:.0f}"
    said = (
        "{name} comes first in {share} % of resamples."
        if found.agreeing >= AGREEING
        else "Which comes first is unresolved ({name} in {share} % of resamples)."
    )
    told = [words.say(said, name=name, share=share)]
    if found.chance > 0:
        many = sum(e.low > found.chance for e in found.effects)
        told.append(words.say("{count} of {many} stand out from chance.", count=many, many=len(found.effects)))
    return told

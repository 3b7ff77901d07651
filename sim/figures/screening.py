"""Tornado of a Morris screening: how far each uncertain number moves an outcome, coloured by its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes

from sim.figures import arms, frame, grades, style, words
from sim.results.arms import Answers
from sim.results.sensitivity import AGREEING, Screening

ROW_MM = 4.6


def draw(answers: Answers, found: Mapping[str, Screening], out: Path, language: str = "en") -> Path:
    """Draws one panel an outcome; `found` is by metric."""
    with style.styled(language):
        one = next(iter(found.values()))
        bars = min(grades.MOST_BARS, max(len(s.effects) for s in found.values()))
        figure, grid = grades.page(
            answers,
            arms.title_of(answers),
            words.say("Morris: {trajectories} trajectories; replicates of each point: {replicates}. Bar: mean size of "
                      "the effect of moving a number through its prior; whisker: 90 % interval; tick: mean with its "
                      "sign.",
                      trajectories=one.trajectories, replicates=answers.replicates)
            + words.space()
            + words.say("Dashed: what a dummy would show that only lets chance fall otherwise."),
            len(found),
            min(2, len(found)),
            grades.HEAD_MM + bars * ROW_MM,
            grades.occurring(effect for screening in found.values() for effect in screening.effects),
        )  # fmt: skip
        for axes, (metric, screening) in zip(grid.ravel(), found.items(), strict=False):
            _panel(axes, answers, metric, screening, bars)
        return style.save(figure, out)


def _panel(axes: Axes, answers: Answers, metric: str, found: Screening, bars: int) -> None:
    frame.heading(axes, words.metric(metric))
    shown = [e for e in found.effects if e.size > 0][:bars]
    if not shown:
        frame.gap(axes, words.say("Nothing moves this outcome."))
        return
    scale, unit = arms.unit_of(answers, metric, [e.high for e in shown])
    for row, one in enumerate(shown):
        axes.barh(row, one.size / scale, 0.72, color=grades.ink(one.grade), linewidth=0, alpha=0.85)
        low, high = max(one.low, 0.0) / scale, one.high / scale
        axes.plot([low, high], [row, row], color=style.BLACK, linewidth=0.7)
        axes.plot(one.mean / scale, row, marker="|", color=style.BLACK, markersize=5, markeredgewidth=0.9)
    axes.axvline(0, color=style.BLACK, linewidth=0.6)
    if found.chance > 0:
        axes.axvline(found.chance / scale, color=style.GREY, linewidth=0.8, linestyle=(0, (3, 2)))
    frame.rows(axes, [grades.name_of(answers, one.name) for one in shown], bars)
    frame.plain_numbers(axes, "x", 4)
    grades.below(axes, words.say("effect, {unit}", unit=unit), *_verdict(answers, found))


def _verdict(answers: Answers, found: Screening) -> list[str]:
    name = grades.name_of(answers, found.effects[0].name)
    share = f"{100 * found.agreeing:.0f}"
    said = (
        "{name} comes first in {share} % of resamples."
        if found.agreeing >= AGREEING
        else "Which comes first is unresolved ({name} in {share} % of resamples)."
    )
    told = [words.sentence(words.say(said, name=name, share=share))]
    if found.chance > 0:
        many = sum(e.low > found.chance for e in found.effects)
        told.append(words.say("{count} of {many} stand out from chance.", count=many, many=len(found.effects)))
    return told

"""What pictures of sensitivity share: the page with its key to the grades of evidence, names, words below a panel."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.figures import arms, frame, style, words
from sim.results.arms import Answers
from sim.results.sensitivity import Effect, Index

COLOURS = {"H": style.BLUE, "M": style.SKY, "L": style.ORANGE, "assumption": style.VERMILION}
"Blue is measured, orange and red are judgement."
MOST_BARS = 12
HEAD_MM = 17.0
"Room for the title of a panel, and for its axis and the words below."
KEY_MM = 5.0
BELOW_MM = 60.0


def ink(grade: str) -> str:
    """The colour of a grade, grey where there is none."""
    return COLOURS.get(grade, style.GREY)


def name_of(answers: Answers, path: str) -> str:
    """An uncertain number in words."""
    return style.literal(words.parameter(path, answers.names_zh), 34)


def occurring(shown: Iterable[Effect | Index]) -> list[str]:
    """The grades of what is shown, the best evidence first."""
    grades = {one.grade for one in shown}
    return [grade for grade in COLOURS if grade in grades]


def page(
    answers: Answers, title: str, said: str, count: int, across: int, panel_mm: float, grades: Sequence[str],
    **shared: Any,
) -> tuple[Figure, NDArray[Any]]:  # fmt: skip
    """A page of so many panels of a height, as [row, column], with a key of these grades below them."""
    foot = arms.foot(answers, f"jjj sensitivity {answers.name}.yaml")
    figure = frame.leaf(title, said, math.ceil(count / across) * panel_mm, foot, KEY_MM)
    patches = [Patch(color=COLOURS[grade]) for grade in grades]
    labels = [words.say("evidence: {grade}", grade=words.grade(grade)) for grade in grades]
    frame.key(figure, foot, patches, labels)
    return figure, frame.panels(figure, count, across, **shared)


def below(axes: Axes, label: str, *sentences: str) -> None:
    """The label of an axis, and under it what may be concluded."""
    told = [frame.wrapped(frame.page_of(axes), sentence, BELOW_MM, 2, fontsize=5.8) for sentence in sentences]
    axes.set_xlabel("\n".join([label, *told]), fontsize=5.8, linespacing=1.25)

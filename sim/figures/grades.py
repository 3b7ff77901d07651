"""What pictures of sensitivity share: a colour for each grade of evidence, names of numbers, words below a panel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

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


def foot(answers: Answers) -> list[str]:
    """The footer of a page."""
    return arms.foot(answers, f"jjj sensitivity {answers.name}.yaml")


def key(figure: Figure, foot: Sequence[str], shown: Iterable[Effect | Index]) -> None:
    """The grades of evidence that occur in what is shown, below the panels."""
    occur = {one.grade for one in shown}
    grades = [grade for grade in COLOURS if grade in occur]
    patches = [Patch(color=COLOURS[grade]) for grade in grades]
    labels = [words.say("evidence: {grade}", grade=words.grade(grade)) for grade in grades]
    frame.key(figure, foot, patches, labels)


def below(axes: Axes, label: str, *sentences: str) -> None:
    """The label of an axis, and under it what may be concluded."""
    told = [frame.wrapped(frame.page_of(axes), sentence, BELOW_MM, 2, fontsize=5.8) for sentence in sentences]
    axes.set_xlabel("\n".join([label, *told]), fontsize=5.8, linespacing=1.25)

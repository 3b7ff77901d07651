"""What pictures of arms share: their colours and names, which of many are drawn, and the page's footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.figures import frame, style, words
from sim.results.arms import Answers, effect

LEAST = 0.02
"Share of the largest change below which an arm is not drawn where there are many."
COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, style.BLACK)
PALE = "#B4B4B4"


def name_of(answers: Answers, arm: str, longest: int = 40) -> str:
    """An arm's name."""
    return style.literal(words.either(arm.replace("_", " "), answers.names_zh.get(arm, "")), longest)


def title_of(answers: Answers) -> str:
    """The question."""
    return style.literal(words.either(answers.title, answers.title_zh), 200)


def where(answers: Answers, places: Sequence[str]) -> str:
    """Names of places, taken together."""
    found = [answers.place(key) for key in places]
    return style.literal(" + ".join(words.either(p["name_en"], p.get("name_zh", "")) for p in found), 60)


def changing(answers: Answers, metric: str, places: Sequence[str], window: str) -> dict[str, float]:
    """How much each arm but the first changes a metric, the most first, as a share of the most; those that matter."""
    sizes = {arm: abs(effect(answers, arm, metric, places, window).difference) for arm in answers.arms[1:]}
    most = max(np.nan_to_num(list(sizes.values())).max(), 1e-300)
    ranked = sorted(sizes, key=lambda arm: (-np.nan_to_num(sizes[arm]), answers.arms.index(arm)))
    shares = {arm: float(np.nan_to_num(sizes[arm]) / most) for arm in ranked}
    return {arm: share for at, (arm, share) in enumerate(shares.items()) if share >= LEAST or at == 0}


def colours(answers: Answers) -> dict[str, str]:
    """A colour an arm, the same in all pictures of an experiment; of many arms, those that change some metric most."""
    rest = answers.arms[1:]
    if len(rest) <= len(COLOURS):
        return dict(zip(rest, COLOURS, strict=False))
    window = next(iter(answers.windows))
    weight = dict.fromkeys(rest, 0.0)
    for metric in answers.metrics:
        for arm, share in changing(answers, metric, places_for(answers, metric), window).items():
            weight[arm] = max(weight[arm], share)
    first = sorted(rest, key=lambda arm: (-weight[arm], answers.arms.index(arm)))[: len(COLOURS)]
    return {arm: COLOURS[first.index(arm)] if arm in first else PALE for arm in rest}


def places_for(answers: Answers, metric: str) -> list[str]:
    """Where a metric is looked at: the experiment's places together, or the whole region for a mean."""
    mean = answers.metrics[metric].get("over_places") == "mean"
    return [answers.places[-1]["key"]] if mean else list(answers.pictured)


def foot(answers: Answers, command: str = "") -> list[str]:
    """Where a picture comes from, what draws it again (a comparison, unless told), and what it may be taken for."""
    command = command or f"jjj compare {answers.origin or answers.name}"
    said = words.either(answers.note, answers.note_zh)
    note = [style.literal(said, 240)] if said else []
    return [
        words.say(
            "Experiment {origin} · seed {seed} · redraw with: {command}",
            origin=style.literal(answers.origin or answers.name, 80),
            seed=answers.seed,
            command=style.literal(command, 120),
        ),
        frame.simulated(answers.scale),
        *note,
    ]


def unit_of(answers: Answers, metric: str, *values: Any) -> tuple[float, str]:
    """By what to divide an axis that holds all of these, and the unit to write on it."""
    found = [np.abs(np.asarray(v, np.float64)) for v in values]
    finite = [v[np.isfinite(v)].max() for v in found if np.isfinite(v).any()]
    return frame.scaled(float(max(finite, default=0.0)), str(answers.metrics[metric]["unit"]))

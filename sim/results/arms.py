"""What the arms of an experiment change against the first: paired effects, and an order with its doubts in words.

Arms meet the same points and the same draws, so a difference is taken within each pair. Where points are draws from
priors, a pair is a point, its replicates averaged: the interval then tells of the uncertainty, and an order that is
another one at some points is unresolved, however narrow the interval of the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import StoreError
from sim.results.effects import Spread, finding, spread, variance_reduction
from sim.results.geography import Geography
from sim.results.wording import amount, between, estimate

Reals = NDArray[np.float64]

AGREEING = 0.9
"Share of the points that must agree about an order for it to be called resolved."


@dataclass(frozen=True, eq=False)
class Answers:
    """What an experiment found, as plain data that tables and pictures are made from."""

    name: str
    title: str
    title_zh: str
    note: str
    arms: tuple[str, ...]
    "The first is what the others are held against."
    points: Sequence[Mapping[str, Any]]
    "What each point sets, by path."
    drawn: bool
    "Whether points are draws from priors, rather than cells of a grid or a list."
    replicates: int
    seed: int
    months: tuple[str, ...]
    metrics: Mapping[str, Mapping[str, Any]]
    "Unit, reduction over months (`reduce`) and whether it is a mean over places (`over_places`), by name."
    places: tuple[Mapping[str, Any], ...]
    "Key, names and kind of each place, the whole region last."
    pictured: tuple[str, ...]
    "Places that the experiment looks at."
    windows: Mapping[str, tuple[str, str]]
    read: Callable[[str, str], Reals]
    "Metric and place -> [arm, point, replicate, month], not a number where a run failed."
    names_zh: Mapping[str, str] = field(default_factory=dict)
    "Chinese names of arms and paths, for pictures."
    note_zh: str = ""
    contrasts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    "Weights of arms, by name of the contrast."
    scale: float = 1.0
    origin: str = ""
    "Where it is kept, for the footer of pictures; without the folders of this machine."
    geography: Geography | None = None

    def place(self, key: str) -> Mapping[str, Any]:
        """What is known of a place; StoreError if there is none of this name."""
        found = next((place for place in self.places if place["key"] == key), None)
        if found is None:
            raise StoreError(f"{self.name}: no place {key}; there are {', '.join(p['key'] for p in self.places)}")
        return found

    @property
    def pairs(self) -> int:
        """How many pairs an effect is the mean of, if no run failed."""
        return len(self.points) if self.drawn and len(self.points) > 1 else len(self.points) * self.replicates

    def window(self, metric: str, places: Sequence[str], window: str) -> Reals:
        """A metric over a window and places: [arm, point, replicate]."""
        start, end = (self.months.index(month) for month in self.windows[window])
        about = self.metrics[metric]
        if len(places) > 1 and about.get("over_places", "sum") == "mean":
            raise StoreError(f"{metric} is a mean: it has no sum over {' + '.join(places)}; give one place")
        months = slice(start, end + 1) if about["reduce"] == "sum" else slice(end, end + 1)
        return np.asarray(sum(self.read(metric, place)[..., months].sum(axis=-1) for place in places))


@dataclass(frozen=True)
class ArmEffect:
    """What one arm changes against the first, in one metric, place and window."""

    arm: str
    metric: str
    unit: str
    place: str
    window: str
    reference: float
    value: float
    difference: float
    low: float
    high: float
    pairs: int
    lost: int
    "Pairs of which a run failed."
    variance_reduction: float
    exactly_zero: bool

    @property
    def resolved(self) -> bool:
        """Whether there is an interval, and it does not hold 0."""
        return math.isfinite(self.low) and not self.low <= 0 <= self.high

    @property
    def in_words(self) -> str:
        """What it tells."""
        return finding(self.exactly_zero, self.low, self.high, "pair")


@dataclass(frozen=True)
class Step:
    """Two neighbours in the order of the arms, and whether their order can be told."""

    higher: str
    lower: str
    difference: float
    low: float
    high: float
    agreeing: float
    "Share of the pairs in which the order is this one."
    resolved: bool
    why: str


def pairs_of(values: Reals, drawn: bool) -> Reals:
    """[arm, point, replicate] as [arm, pair]: a pair is a point where points are drawn, else a single run."""
    return values.mean(axis=2) if drawn and values.shape[1] > 1 else values.reshape(values.shape[0], -1)


def effect(answers: Answers, arm: str, metric: str, places: Sequence[str], window: str) -> ArmEffect:
    """The paired effect of one arm on a metric in places, taken together, over a window."""
    pairs = pairs_of(answers.window(metric, places, window), answers.drawn)
    a, b = pairs[0], pairs[answers.arms.index(arm)]
    whole = np.isfinite(a) & np.isfinite(b)
    lost = int((~whole).sum())
    a, b = a[whole], b[whole]
    about = (arm, metric, str(answers.metrics[metric]["unit"]), " + ".join(places), window)
    if not a.size:
        nan = math.nan
        return ArmEffect(*about, nan, nan, nan, nan, nan, 0, lost, nan, False)
    found = spread(b - a)
    return ArmEffect(
        *about, float(a.mean()), float(b.mean()), float(found.mean), float(found.low), float(found.high),
        int(a.size), lost, variance_reduction(a, b), bool(found.exactly_zero),
    )  # fmt: skip


def over_time(answers: Answers, arm: str, metric: str, places: Sequence[str]) -> Spread:
    """The effect in places, taken together, month by month; cumulated since the start unless the metric is a stock."""
    values = np.asarray(sum(answers.read(metric, place) for place in places))
    differences = values[answers.arms.index(arm)] - values[0]
    if answers.metrics[metric]["reduce"] == "sum":
        differences = differences.cumsum(axis=-1)
    if answers.drawn and differences.shape[0] > 1:
        differences = differences.mean(axis=1)
    differences = differences.reshape(-1, differences.shape[-1])
    return spread(differences[np.isfinite(differences).all(axis=1)])


def order(pairs: Reals, arms: Sequence[str], drawn: bool) -> list[Step]:
    """Arms from the highest to the lowest, neighbour by neighbour; `pairs` is [arm, pair]."""
    whole = pairs[:, np.isfinite(pairs).all(axis=0)]
    if whole.shape[1] == 0:
        return []
    ranked = sorted(range(len(arms)), key=lambda k: (-float(whole[k].mean()), k))
    steps = []
    for high, low in pairwise(ranked):
        differences = whole[high] - whole[low]
        found = spread(differences)
        bottom, top = float(found.low), float(found.high)
        agreeing = float((differences > 0).mean())
        if found.exactly_zero:
            resolved, why = False, "the same in every pair"
        elif not math.isfinite(bottom):
            resolved, why = False, "one pair: no interval"
        elif bottom <= 0:
            resolved, why = False, "the interval of their difference holds 0"
        elif drawn and agreeing < AGREEING:
            flips = int((differences <= 0).sum())
            resolved, why = False, f"their order flips at {flips} of {differences.size} points of the uncertainty"
        else:
            resolved, why = True, "resolved"
        steps.append(Step(arms[high], arms[low], float(found.mean), bottom, top, agreeing, resolved, why))
    return steps


def in_words(steps: Sequence[Step], unit: str) -> list[str]:
    """The order as sentences, what cannot be told said as such."""
    if not steps:
        return ["No order: no pair is complete."]
    told = []
    for step in steps:
        apart = estimate(step.difference, step.low, step.high, unit)
        if step.resolved:
            told.append(f"{step.higher} above {step.lower} by {apart}.")
        else:
            told.append(f"{step.higher} and {step.lower}: unresolved, {step.why}; {apart} apart.")
    unresolved = sum(not step.resolved for step in steps)
    if unresolved:
        told.append(f"Unresolved: {unresolved} of {len(steps)} steps of the order.")
    return told


def contrast(answers: Answers, name: str, metric: str, places: Sequence[str], window: str) -> tuple[Spread, int]:
    """A weighted sum of arms within each pair, and how many pairs there are."""
    pairs = pairs_of(answers.window(metric, places, window), answers.drawn)
    weights = answers.contrasts[name]
    total = np.asarray(sum(weight * pairs[answers.arms.index(arm)] for arm, weight in weights.items()))
    whole = total[np.isfinite(total)]
    return spread(whole) if whole.size else spread(np.full(1, np.nan)), int(whole.size)


def contrast_in_words(found: Spread, pairs: int, unit: str) -> str:
    """A contrast with its interval, and whether it can be told from 0."""
    low, high = float(found.low), float(found.high)
    apart = f"{estimate(float(found.mean), low, high, unit)}, {pairs} pairs"
    if found.exactly_zero:
        return f"{apart}: exactly 0"
    if not math.isfinite(low):
        return f"{apart}: no interval"
    return f"{apart}: " + ("unresolved, the interval holds 0" if low <= 0 <= high else "resolved")


def table(effects: Sequence[ArmEffect]) -> list[dict[str, str]]:
    """Rows of a text table, one an effect."""
    rows = []
    for one in effects:
        factor = one.variance_reduction
        known = math.isfinite(one.low)
        row = {
            "arm": one.arm,
            "metric": one.metric,
            "place": one.place,
            "window": one.window,
            "reference": amount(one.reference, one.unit),
            "arm's": amount(one.value, one.unit),
            "difference": amount(one.difference, one.unit),
            "90 % interval": between(one.low, one.high, one.unit) if known else "-",
            "pairs": f"{one.pairs}" + (f" ({one.lost} lost)" if one.lost else ""),
            "variance saved": f"x {factor:.3g}" if math.isfinite(factor) else "-",
            "finding": one.in_words,
        }
        rows.append(row)
    return rows


def pairs_needed(half: float, wanted: float, pairs: int, most: int) -> int:
    """How many pairs make an interval's half-width what is wanted, from what it is; at least half as many again."""
    if not math.isfinite(half):
        return min(max(2 * pairs, 4), most)
    return min(max(math.ceil(1.1 * pairs * (half / wanted) ** 2), math.ceil(1.5 * pairs)), 4 * pairs, most)

"""Which uncertain number moves an outcome: Morris screening and Sobol' indices, with intervals and a verdict in words.

Values are [point, replicate] in the order of the design. Replicates of a point are averaged; since every point meets
the same draws, what chance is left in the mean is the interaction of points and replicates, and that is measured too.
A run that failed leaves a hole that no estimator may step over: the analysis is refused until the run is repeated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import RefusedError
from sim.results.effects import LEVEL

Reals = NDArray[np.float64]

LEVELS = 8
"Of a parameter in a Morris design, as `sim.experiments.design` walks them."
HALF_WAY = LEVELS / (2 * (LEVELS - 1))
"How far a step of a trajectory moves a parameter: half the levels, where the whole way through them is 1."
RESAMPLES = 500
WIDEST = 0.1
"Of an interval of a Sobol' index that may be called narrow."
AGREEING = 0.9
"Share of resamples that must give the same leader for an order to be called stable."
NEGLIGIBLE = 0.05
"Total index below which a number may be fixed at any value in its prior."
MEASURED = ("H", "M")
SEED = 20161209
MOST_LISTED = 5
ONE_REPLICATE = "With one replicate a point, what is chance cannot be told."


@dataclass(frozen=True)
class Effect:
    """What Morris screening says of one parameter, in units of the outcome for a move through all its levels."""

    name: str
    grade: str
    mean: float
    "Mean elementary effect, with its sign."
    size: float
    "Mean absolute elementary effect, mu*."
    low: float
    high: float
    spread: float
    "Standard deviation of the elementary effects: interaction, or a bent response."


@dataclass(frozen=True)
class Screening:
    """Morris screening of one outcome; effects in order of size."""

    effects: tuple[Effect, ...]
    chance: float
    "Size of the effect that a dummy parameter would show, which only lets other draws meet other agents."
    trajectories: int
    agreeing: float
    "Share of resamples in which the largest comes first."
    verdict: str


@dataclass(frozen=True)
class Index:
    """Sobol' indices of one parameter or group: shares of the variance of an outcome."""

    name: str
    grade: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True)
class Share:
    """Share of an outcome's variance that goes with numbers of one kind: alone, and at most, with all interactions."""

    kind: str
    parameters: int
    alone: float
    alone_low: float
    alone_high: float
    at_most: float
    at_most_low: float
    at_most_high: float


@dataclass(frozen=True)
class Sobol:
    """Sobol' indices of one outcome, in order of total index."""

    indices: tuple[Index, ...]
    dummy: Index
    "Estimates for a parameter that does nothing, from A and B alone: how far the true 0 is missed."
    chance: float
    "Share of the variance that the replicates leave to chance."
    variance: float
    blocks: int
    agreeing: float
    "Share of resamples in which the largest comes first."
    verdict: str
    shares: tuple[Share, ...] = ()
    "What goes with measured numbers and with assumptions."

    @property
    def widest(self) -> Index:
        """The index whose total is known least well."""
        return max(self.indices, key=lambda i: i.total_high - i.total_low)

    @property
    def converged(self) -> bool:
        """Whether every interval of a total index is narrow."""
        return self.widest.total_high - self.widest.total_low <= WIDEST

    @property
    def needed(self) -> int:
        """About how many blocks make every interval narrow: widths fall with the square root."""
        width = self.widest.total_high - self.widest.total_low
        return int(2 ** math.ceil(math.log2(max(self.blocks * (width / WIDEST) ** 2, 1))))


def screening(shares: Reals, values: Reals, names: Sequence[str], grades: Mapping[str, str]) -> Screening:
    """Morris screening; `shares` is [point, parameter], trajectory after trajectory."""
    from SALib.analyze import morris as analysis  # with pandas: a second that other verbs are spared

    refuse_holes(values)
    many = len(names)
    mean = values.mean(axis=1)
    trajectories = mean.size // (many + 1)
    effects = elementary_effects(shares, mean)
    problem = {"num_vars": many, "names": list(names), "bounds": [[0.5 / LEVELS, 1 - 0.5 / LEVELS]] * many}
    analyze: Any = analysis.analyze
    found = analyze(problem, shares, mean, num_levels=LEVELS, conf_level=LEVEL, num_resamples=RESAMPLES, seed=SEED)
    listed = [
        Effect(name, grades.get(name, ""), float(found["mu"][k]),
               *_interval(found["mu_star"][k], found["mu_star_conf"][k]), float(found["sigma"][k]))
        for k, name in enumerate(names)
    ]  # fmt: skip
    listed.sort(key=lambda e: -e.size)
    chance = math.sqrt(2 / math.pi) * math.sqrt(2 * chance_variance(values)) / HALF_WAY
    draws = np.random.default_rng(SEED).integers(trajectories, size=(RESAMPLES, trajectories))  # noqa: TID251
    largest = np.abs(effects).mean(axis=0).argmax()
    agreeing = float((np.abs(effects)[draws].mean(axis=1).argmax(axis=1) == largest).mean())
    return Screening(
        tuple(listed), chance, trajectories, agreeing, _screening_verdict(listed, agreeing, chance, values.shape[1])
    )


def elementary_effects(shares: Reals, mean: Reals) -> Reals:
    """[trajectory, parameter]: the change of the outcome over the change of the parameter, all levels being 1."""
    many = shares.shape[1]
    walks, outcomes = shares.reshape(-1, many + 1, many), mean.reshape(-1, many + 1)
    moves = np.sign(np.diff(walks, axis=1)).round()
    effects = np.diff(outcomes, axis=1)[:, :, None] * moves
    return np.asarray(effects.sum(axis=1) / HALF_WAY)


def sobol(values: Reals, names: Sequence[str], grades: Mapping[str, str]) -> Sobol:
    """Sobol' indices from blocks A, A with one parameter from B, ..., B."""
    from SALib.analyze import sobol as analysis

    refuse_holes(values)
    many = len(names)
    mean = values.mean(axis=1)
    blocks = mean.size // (many + 2)
    a, b = mean[:: many + 2], mean[many + 1 :: many + 2]
    variance = float(np.concatenate([a, b]).var())
    if variance == 0:
        none = [Index(name, grades.get(name, ""), *[0.0] * 6) for name in names]
        nothing = Index("dummy", "", *[0.0] * 6)
        return Sobol(
            tuple(none), nothing, 0.0, 0.0, blocks, 1.0, "Nothing varies: the outcome is the same at every point."
        )
    problem = {"num_vars": many, "names": list(names), "bounds": [[0.0, 1.0]] * many}
    analyze: Any = analysis.analyze
    found = analyze(
        problem,
        mean,
        calc_second_order=False,
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        seed=SEED,
        keep_resamples=True,
    )
    listed = [
        Index(name, grades.get(name, ""), *_interval(found["S1"][k], found["S1_conf"][k]),
              *_interval(found["ST"][k], found["ST_conf"][k]))
        for k, name in enumerate(names)
    ]  # fmt: skip
    totals: Reals = found["ST_conf_all"]
    leader = [names[k] for k in totals.argmax(axis=1)]
    listed.sort(key=lambda i: -i.total)
    agreeing = leader.count(listed[0].name) / len(leader)
    chance = min(chance_variance(values) / variance, 1.0)
    shares = _by_kind(names, grades, found)
    found_so_far = Sobol(tuple(listed), _dummy(a, b), chance, variance, blocks, agreeing, "", shares)
    return replace(found_so_far, verdict=_sobol_verdict(found_so_far, values.shape[1]))


def _by_kind(names: Sequence[str], grades: Mapping[str, str], found: Mapping[str, Any]) -> tuple[Share, ...]:
    """Shares that go with measured numbers and with assumptions, from what SALib found and from its resamples.

    What goes with a kind alone is no less than the sum of its first indices, and no less than 1 less the sum of the
    other kind's total indices; what goes with it at most is no more than the sum of its total indices, and no more than
    1 less the sum of the other's first ones. Of two bounds the one that is known better is told: first indices are
    estimated badly where an outcome has a long tail. Shares lie between 0 and 1, and so do their intervals; where the
    bounds contradict each other, the better one stands for both.
    """
    measured = np.array([grades.get(name, "") in MEASURED for name in names])
    shares = []
    for kind, own in (("measured", measured), ("assumed", ~measured)):
        if own.any():
            alone = _better(_summed(found, "S1", own), _rest(_summed(found, "ST", ~own)))
            most = _better(_summed(found, "ST", own), _rest(_summed(found, "S1", ~own)))
            if alone[0] > most[0]:
                alone = most = _better(alone, most)
            shares.append(Share(kind, int(own.sum()), *alone, *most))
    return tuple(shares)


Estimate = tuple[float, float, float]
"A value and the ends of its interval."


def _summed(found: Mapping[str, Any], which: str, chosen: NDArray[np.bool_]) -> Estimate:
    """Sum of some indices, with the interval of its resamples, in which they move together."""
    resamples = found[f"{which}_conf_all"][:, chosen].sum(axis=1)
    half = float(ndtri(0.5 + LEVEL / 2) * resamples.std(ddof=1))
    return _interval(float(found[which][chosen].sum()), half)


def _rest(one: Estimate) -> Estimate:
    value, low, high = one
    return 1.0 - value, 1.0 - high, 1.0 - low


def _better(one: Estimate, other: Estimate) -> Estimate:
    """The one with the narrower interval, inside 0 and 1."""
    value, low, high = np.clip(min(one, other, key=lambda e: e[2] - e[1]), 0.0, 1.0)
    return float(value), float(low), float(high)


def refuse_holes(values: Reals) -> None:
    """RefusedError if a run is missing: to leave it out would bend every index it is part of."""
    holes = np.argwhere(~np.isfinite(values))
    if holes.size:
        listed = ", ".join(f"point {p} replicate {r}" for p, r in holes[:MOST_LISTED])
        more = f" and {len(holes) - MOST_LISTED} more" if len(holes) > MOST_LISTED else ""
        raise RefusedError(
            f"{len(holes)} runs of the design have no result ({listed}{more}); indices over the rest would be wrong",
            remedy="  Repeat them with `jjj sweep FILE --retry-failed`, or narrow the range in which they fail.",
        )


def chance_variance(values: Reals) -> float:
    """Variance that chance leaves in a point's mean: interaction of points and replicates over their number."""
    points, replicates = values.shape
    if replicates < 2 or points < 2:
        return 0.0
    left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return float((left**2).sum() / ((points - 1) * (replicates - 1)) / replicates)


def _interval(value: float, half: float) -> tuple[float, float, float]:
    return float(value), float(value - half), float(value + half)


def _dummy(a: Reals, b: Reals) -> Index:
    """Both indices of a parameter that does nothing, whose A with B in it is A: Khorashadi Zadeh et al. (2017)."""
    draws = np.random.default_rng(SEED).integers(a.size, size=(RESAMPLES, a.size))  # noqa: TID251 - resamples only

    def both(x: Reals, y: Reals) -> tuple[Reals, Reals]:
        square = (x * y).mean(axis=-1)
        variance = 0.5 * (x * x + y * y).mean(axis=-1) - square
        spread = np.where(variance > 0, variance, np.nan)
        return (square - x.mean(axis=-1) * y.mean(axis=-1)) / spread, 1 - ((y * y).mean(axis=-1) - square) / spread

    centre = np.concatenate([a, b]).mean()
    a, b = a - centre, b - centre
    first, total = both(a, b)
    firsts, totals = both(a[draws], b[draws])
    z = float(ndtri(0.5 + LEVEL / 2))
    return Index(
        "dummy", "", *_interval(float(first), z * float(np.nanstd(firsts))),
        *_interval(float(total), z * float(np.nanstd(totals))),
    )  # fmt: skip


def _sobol_verdict(found: Sobol, replicates: int) -> str:
    listed, chance = found.indices, found.chance
    parts = [
        f"Converged: no interval of a total index is wider than {WIDEST:g}."
        if found.converged
        else f"Not converged: the widest interval of a total index, of {found.widest.name}, is "
        f"{found.widest.total_high - found.widest.total_low:.2f}; about {found.needed:,} blocks would make it "
        f"{WIDEST:g} (there are {found.blocks:,})."
    ]
    parts.append(_order(listed[0].name, found.agreeing))
    if (together := sum(i.first for i in listed)) > 1 + WIDEST:
        parts.append(
            f"First indices add up to {together:.2f}, more than shares can: too few blocks for so long a tail."
        )
    idle = [i.name for i in listed if i.total_high < NEGLIGIBLE]
    if idle:
        parts.append(f"{len(idle)} of {len(listed)} may be fixed: their total index is below {NEGLIGIBLE:g}.")
    if replicates < 2:
        parts.append(ONE_REPLICATE)
    if chance > NEGLIGIBLE:
        parts.append(f"{100 * chance:.0f} % of the variance is chance that more replicates would take away.")
    return " ".join(parts)


def _screening_verdict(listed: Sequence[Effect], agreeing: float, chance: float, replicates: int) -> str:
    parts = ["Nothing moves the outcome." if listed[0].size == 0 else _order(listed[0].name, agreeing)]
    if replicates < 2:
        parts.append(ONE_REPLICATE)
    if chance > 0:
        lost = [e for e in listed if e.low <= chance]
        parts.append(
            f"{len(listed) - len(lost)} of {len(listed)} stand out from chance, as a dummy parameter would show it."
        )
    idle = sum(e.size == 0 for e in listed)
    if idle:
        parts.append(f"{idle} do nothing at all.")
    return " ".join(parts)


def _order(leader: str, agreeing: float) -> str:
    if agreeing >= AGREEING:
        return f"{leader} comes first in {100 * agreeing:.0f} % of resamples."
    return f"Which comes first is unresolved: {leader} does in only {100 * agreeing:.0f} % of resamples."

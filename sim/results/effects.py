"""What one scenario changes against another, replicate by replicate under the same random numbers.

Both arms see the same draws, so a replicate's difference is the effect and hardly the noise; the factor of
variance reduction says how much that saves against independent runs. Effects are always B minus A.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.errors import StoreError
from sim.results.reading import Result
from sim.results.wording import amount, between, window

Reals = NDArray[np.float64]

LEVEL = 0.90
"Of the interval of the mean, and of the band over replicates."
HEADLINE = ("branches_opened", "deals", "programmes_pledged_yuan", "ventures_founded")
NO_DIFFERENCE = "no difference: exactly 0 in every replicate"
ABSENT = "(absent)"


@dataclass(frozen=True, eq=False)
class Pair:
    """Two results with the replicates that both have."""

    a: Result
    b: Result
    replicates: tuple[int, ...]

    def series(self, metric: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """A metric of both arms as [replicate, month, place], replicates matched."""
        a, b = (arm.series(metric)[_rows(arm, self.replicates)] for arm in (self.a, self.b))
        return a, b

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that both have."""
        return [name for name in self.a.metrics if name in self.b.metrics]


@dataclass(frozen=True, eq=False)
class Spread:
    """Paired differences over replicates, an array each: their mean, its interval, and their band."""

    mean: Reals
    low: Reals
    high: Reals
    band_low: Reals
    band_high: Reals
    exactly_zero: NDArray[np.bool_]


@dataclass(frozen=True)
class Effect:
    """One metric in one place and window; `low` to `high` is the interval of the mean difference."""

    metric: str
    unit: str
    place: str
    start: str
    end: str
    replicates: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    band_low: float
    band_high: float
    variance_reduction: float
    "Var(A) + Var(B) over Var(B - A); infinite where the difference does not vary, nan where nothing does."
    exactly_zero: bool

    @property
    def in_words(self) -> str:
        """What it tells."""
        return finding(self.exactly_zero, self.low, self.high, "replicate")


@dataclass(frozen=True, eq=False)
class Path:
    """The effect on one metric in one place over the months."""

    metric: str
    unit: str
    place: str
    months: tuple[str, ...]
    cumulative: bool
    "Whether the months before are added up; never so for stocks, which are levels already."
    spread: Spread


def pair(a: Result, b: Result, *, accept: bool = False) -> Pair:
    """Pair two results; StoreError with the remedy if they do not share model, data, seed, months and places.

    `accept` lets another model or other data of the region pass: the difference is then not the scenario's alone.
    """
    for key, what, may_pass in (
        ("model_source", "versions of the model", True),
        ("region_files", "data of the region", True),
        ("epoch", "random-number schemes", False),
        ("seed", "seeds", False),
        ("months", "months", False),
        ("places", "places", False),
    ):
        one, other = (r.manifest.get(key, r.manifest.get("inputs", {}).get(key)) for r in (a, b))
        if one != other and not (may_pass and accept):
            shown = f" ({_short(one)} and {_short(other)})" if key != "region_files" else ""
            remedy = "  Run both again with this version, over the same months and with the same --seed"
            raise StoreError(
                f"{a.folder} and {b.folder} cannot be paired: their {what} differ{shown}",
                remedy=remedy + ("; or accept it with --accept-differences." if may_pass else "."),
            )
    others = set(b.replicate_numbers)
    common = tuple(sorted(n for n in a.replicate_numbers if n in others))
    if not common:
        raise StoreError(
            f"{a.folder} and {b.folder} cannot be paired: they share no replicate",
            remedy="  Run both scenarios with the same --seed and --replicates.",
        )
    return Pair(a, b, common)


def arms(both: Pair) -> tuple[tuple[Result, list[int]], tuple[Result, list[int]]]:
    """Both results, each with its rows of the common replicates."""
    return (both.a, _rows(both.a, both.replicates)), (both.b, _rows(both.b, both.replicates))


def spread(differences: NDArray[Any]) -> Spread:
    """Of differences [replicate, ...]: mean, Student's interval of the mean, and the band over replicates."""
    values = np.asarray(differences, np.float64)
    many, zero = values.shape[0], ~np.any(differences, axis=0)
    mean = values.mean(axis=0)
    tail = (1 - LEVEL) / 2
    if many > 1:
        half = stdtrit(many - 1, 1 - tail) * values.std(axis=0, ddof=1) / math.sqrt(many)
    else:
        half = np.where(zero, 0.0, np.nan)
    band_low, band_high = np.quantile(values, (tail, 1 - tail), axis=0)
    return Spread(mean, mean - half, mean + half, band_low, band_high, np.asarray(zero))


def effect(both: Pair, metric: str, place: str, start: str, end: str) -> Effect:
    """The paired effect on a metric in a place over a window, reduced as the metric declares."""
    rows_a, rows_b = (_rows(arm, both.replicates) for arm in (both.a, both.b))
    a = both.a.window(metric, start, end, place)[rows_a]
    b = both.b.window(metric, start, end, place)[rows_b]
    found = spread(b - a)
    return Effect(
        metric, both.a.describe(metric)["unit"], place, start, end, len(both.replicates),
        float(a.mean()), float(b.mean()), float(found.mean), float(found.low), float(found.high),
        float(found.band_low), float(found.band_high), variance_reduction(a, b), bool(found.exactly_zero),
    )  # fmt: skip


def finding(exactly_zero: bool, low: float, high: float, sample: str) -> str:
    """What a paired effect tells, in words; without an interval there was but one `sample`."""
    if exactly_zero:
        return NO_DIFFERENCE
    if not math.isfinite(low):
        return f"one {sample}: no interval"
    return "unresolved: the interval holds 0" if low <= 0 <= high else "resolved"


def variance_reduction(a: NDArray[Any], b: NDArray[Any]) -> float:
    """How many times the variance of a difference of independent runs exceeds that of the paired one."""
    if a.size < 2:
        return math.nan
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    apart, paired = float(x.var(ddof=1) + y.var(ddof=1)), float((y - x).var(ddof=1))
    if paired == 0:
        return math.inf if apart > 0 else math.nan
    return apart / paired


def by_place(both: Pair, metric: str, start: str, end: str, places: Sequence[str] | None = None) -> list[Effect]:
    """The effect on a metric in every place of the result, or in those given."""
    return [effect(both, metric, place, start, end) for place in places or both.a.places]


def over_time(both: Pair, metric: str, place: str, cumulative: bool = True) -> Path:
    """The effect month by month, or cumulated since the start; of a stock always its level."""
    a, b = both.series(metric)
    differences = (b - a)[:, :, both.a.at(place)]
    about = both.a.describe(metric)
    cumulative = cumulative and about["reduce"] == "sum"
    if cumulative:
        differences = differences.cumsum(axis=1)
    return Path(metric, about["unit"], place, tuple(both.a.months), cumulative, spread(differences))


def first_difference(both: Pair) -> str | None:
    """The first month in which any metric differs anywhere in any replicate, or None."""
    first = len(both.a.months)
    for metric in both.metrics:
        a, b = both.series(metric)
        apart = np.flatnonzero((a != b).any(axis=(0, 2)))
        first = min(first, int(apart[0])) if apart.size else first
    return both.a.months[first] if first < len(both.a.months) else None


def table(effects: Iterable[Effect]) -> list[dict[str, str]]:
    """Rows of a text table, one an effect."""
    return [_row(one) for one in effects]


def _row(one: Effect) -> dict[str, str]:
    unit, factor = one.unit, one.variance_reduction
    return {
        "metric": one.metric,
        "place": one.place,
        "window": window(one.start, one.end),
        "A": amount(one.mean_a, unit),
        "B": amount(one.mean_b, unit),
        "B - A": amount(one.difference, unit),
        "90 % interval": between(one.low, one.high, unit) if math.isfinite(one.low) else "-",
        "90 % of replicates": between(one.band_low, one.band_high, unit),
        "variance saved": f"x {factor:.3g}" if math.isfinite(factor) else "-",
        "finding": one.in_words,
    }


WORDS_ABOUT_IT = ("name", "title", "question")  # what a scenario says of itself changes no run


def input_differences(a: Result, b: Result) -> list[dict[str, str]]:
    """What the two resolved scenarios set differently: path, value of A, value of B."""
    return differences(a.scenario, b.scenario)


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, str]]:
    """What two resolved scenarios set differently, as plain values: path, value of A, value of B."""
    one, other = dict(_leaves(a)), dict(_leaves(b))
    paths = [path for path in (*one, *(p for p in other if p not in one)) if path not in WORDS_ABOUT_IT]
    return [
        {"path": path, "A": _value(one, path), "B": _value(other, path)}
        for path in paths
        if _value(one, path) != _value(other, path)
    ]


def _leaves(node: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """Dotted paths with what stands there; a list is one value."""
    if isinstance(node, dict) and node:
        for key, below in node.items():
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    else:
        yield path, node


def _value(values: dict[str, Any], path: str) -> str:
    if path not in values:
        return ABSENT
    return "null" if values[path] is None else str(values[path])


def _rows(result: Result, numbers: Sequence[int]) -> list[int]:
    return [result.row_of[number] for number in numbers]


def _short(value: Any) -> str:
    if isinstance(value, list):
        names = [item["key"] if isinstance(item, dict) else str(item) for item in value]
        return f"{names[0]} to {names[-1]}, {len(names)} of them" if names else "none"
    return str(value)[:16]

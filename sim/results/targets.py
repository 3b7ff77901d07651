"""The figures that a result is held against: what was simulated for each, and whether it holds by its rule.

A figure is `fitted` where a level of the scenario was solved from it: that it holds then says nothing about
the model. Only the `emergent` ones, which nothing was solved from, do; they are shown, not judged. A mean that misses
by less than its own error is undecided: more replicates decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from sim.results.effects import spread
from sim.results.reading import Result
from sim.results.replicates import OfReplicates, share
from sim.results.wording import amount, between, window

Reals = NDArray[np.float64]

BAND = (0.05, 0.95)
UNDECIDED = "undecided"
EXTENSIVE = ("count", "yuan")
"Units that grow with the number of agents: their figures are judged at scale 1 alone."


@dataclass(frozen=True)
class Target:
    """A figure: where, when, how it is measured, and by which rule it holds."""

    id: str
    fact: str
    title: str
    metric: str
    places: tuple[str, ...]
    over: str
    start: str
    end: str
    measure: str
    value: float
    unit: str
    rule: str
    tolerance: float
    kind: str
    note: str

    @property
    def window(self) -> str:
        """Its months in words."""
        return window(self.start, self.end)

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which the mean must lie; infinite where the rule is about something else."""
        if self.rule == "within":
            return self.value - self.tolerance * abs(self.value), self.value + self.tolerance * abs(self.value)
        if self.rule == "factor":
            return self.value / self.tolerance, self.value * self.tolerance
        if self.rule == "plus_minus":
            return self.value - self.tolerance, self.value + self.tolerance
        return -math.inf, math.inf

    @property
    def rule_in_words(self) -> str:
        """When it holds."""
        value = amount(self.value, self.unit)
        return {
            "within": f"mean within {100 * self.tolerance:g} % of {value}",
            "factor": f"mean within a factor {self.tolerance:g} of {value}",
            "plus_minus": f"mean {value} \N{PLUS-MINUS SIGN} {amount(self.tolerance, self.unit)}",
            "share_of_replicates": f"{value} in at least {100 * self.tolerance:g} % of replicates",
            "at_least": f"at least {value} in 95 % of replicates",
        }.get(self.rule, "shown beside the record, not judged")


@dataclass(frozen=True, eq=False)
class TargetResult(OfReplicates):
    """A figure and what was simulated for it: one value a replicate, not a number where it is undefined."""

    target: Target
    values: Reals
    holds: bool | None
    "None where it is not judged; `verdict` says why."
    verdict: str
    parts: Mapping[str, Reals] = field(default_factory=dict)
    "Of an order: what each of its places has, as a share of all of them, one value a replicate."

    @property
    def band(self) -> tuple[float, float]:
        """5 % and 95 % quantile over replicates."""
        if not self.defined.size:
            return math.nan, math.nan
        low, high = np.quantile(self.defined, BAND)
        return float(low), float(high)

    @property
    def judged(self) -> bool:
        """Whether it is one that can hold or not, if only there were enough replicates."""
        return self.holds is not None or self.verdict.startswith(UNDECIDED)

    @property
    def reached(self) -> float:
        """Share of replicates that reach the value."""
        return float((self.defined >= self.target.value).mean()) if self.defined.size else math.nan


def evaluate(result: Result) -> list[TargetResult]:
    """Every figure of a result, in the order of its list."""
    return [_evaluate(result, target) for target in targets_of(result)]


def targets_of(result: Result) -> list[Target]:
    """The figures of a result as records."""
    names = [f.name for f in fields(Target)]
    rows = ({name: row[name] for name in names} for row in result.targets)
    return [Target(**row | {"places": tuple(row["places"])}) for row in rows]


def longest_window(result: Result) -> tuple[str, str]:
    """The longest window of a figure that the run covers, else the whole run."""
    covered = [(t.start, t.end) for t in targets_of(result) if result.covers(t.start, t.end)]
    whole = (result.months[0], result.months[-1])
    return max(covered, key=lambda w: result.month(w[1]) - result.month(w[0]), default=whole)


def table(results: Iterable[TargetResult]) -> list[dict[str, str]]:
    """Rows of a text table, one a figure."""
    return [_row(one) for one in results]


def _row(one: TargetResult) -> dict[str, str]:
    target, unit = one.target, one.target.unit
    mean = amount(one.mean, unit)
    if target.rule == "share_of_replicates" and one.defined.size:
        mean += f" ({100 * one.reached:.0f} % of replicates)"
    return {
        "figure": target.title,
        "window": target.window,
        "held against": amount(target.value, unit),
        "mean": mean,
        "s.e.": amount(one.standard_error, unit),
        "90 % band": between(*one.band, unit) if one.defined.size else "-",
        "rule": target.rule_in_words,
        "verdict": one.verdict,
        "basis": "fitted" if target.kind == "fitted" else "not fitted",
    }


def _evaluate(result: Result, target: Target) -> TargetResult:
    empty = np.empty(0)
    if not result.covers(target.start, target.end):
        ends = f"{result.months[0]} to {result.months[-1]}"
        return TargetResult(target, empty, None, f"not covered by this run, {ends}")
    metrics = _metrics(result, target)
    places = [key for listed in target.places for key in listed.split("+")]
    unknown = [name for name in metrics if name not in result.metrics]
    unknown += [key for key in (*places, *filter(None, [target.over])) if key not in result.places]
    if unknown or not metrics:
        return TargetResult(target, empty, None, f"not in this result: {', '.join(unknown) or target.metric}")
    parts: dict[str, Reals] = {}
    if target.measure == "present":
        values = np.sum([_sum(result, target, [m], target.places) > 0 for m in metrics], axis=0).astype(float)
    elif target.measure == "share":
        values = share(_sum(result, target, metrics, target.places), _sum(result, target, metrics, [target.over]))
    elif target.measure == "order":
        amounts = [_sum(result, target, metrics, listed.split("+")) for listed in target.places]
        values = rank_agreement(np.stack(amounts, axis=1))
        parts = {p: share(a, np.sum(amounts, axis=0)) for p, a in zip(target.places, amounts, strict=True)}
    else:
        values = _sum(result, target, metrics, target.places)
    one = TargetResult(target, values, None, "", parts)
    holds, verdict = _judge(result, one)
    return TargetResult(target, values, holds, verdict, parts)


def _metrics(result: Result, target: Target) -> list[str]:
    """The metrics that are added up; a name that ends in `*` stands for all that begin so."""
    found: list[str] = []
    for name in target.metric.split("+"):
        starred = name.endswith("*")
        found += [m for m in result.metrics if m.startswith(name[:-1])] if starred else [name]
    return found


def _sum(result: Result, target: Target, metrics: Iterable[str], places: Iterable[str]) -> Reals:
    """One number a replicate; `last` takes the window's last month whatever the metric's own reduction."""
    keys = list(places)
    start = target.end if target.measure == "last" else target.start
    found = [result.window(metric, start, target.end, key) for metric in metrics for key in keys]
    return np.asarray(np.sum(found, axis=0, dtype=np.float64))


def rank_agreement(amounts: Reals) -> Reals:
    """Kendall's tau-b of each row's amounts with the order of the columns, the largest expected first."""
    first, second = np.triu_indices(amounts.shape[1], 1)
    signs = np.sign(amounts[:, first] - amounts[:, second])
    pairs = first.size
    untied = np.count_nonzero(signs, axis=1)
    return share(signs.sum(axis=1), np.sqrt(pairs * untied.astype(np.float64)))


def _judge(result: Result, one: TargetResult) -> tuple[bool | None, str]:
    target = one.target
    missing = one.values.size - one.defined.size
    note = f"undefined in {missing} of {one.values.size} replicates" if missing else ""
    if not one.defined.size:
        return None, "undefined: nothing of it happened in this run"
    if target.rule == "shown":
        return None, note or "shown"
    if target.unit in EXTENSIVE and result.scale != 1:
        return None, f"not judged at scale {result.scale:g}"
    low, high = target.bounds
    if target.rule == "share_of_replicates":
        holds = one.reached >= target.tolerance
    elif target.rule == "at_least":
        holds = one.reached >= BAND[1]
    else:
        holds = low <= one.mean <= high
        mean = spread(one.defined)
        if not holds and one.defined.size == 1:
            return None, f"{UNDECIDED}: one replicate"
        if not holds and mean.low <= high and low <= mean.high:
            reached = between(float(mean.low), float(mean.high), target.unit)
            return None, f"{UNDECIDED}: the mean may be {reached} (90 %)"
    return holds, "; ".join(filter(None, ("holds" if holds else "does not hold", note)))

"""Indicators of a result over a window: ratios of what was recorded, one value a replicate, nan where undefined."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.results.effects import Pair, arms, spread
from sim.results.reading import Result
from sim.results.replicates import share
from sim.results.statistics import gini, theil
from sim.results.wording import amount, between

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Indicator:
    """What it is called, its unit, the metrics that it needs, and how it is computed over the months [first, last]."""

    title: str
    unit: str
    needs: tuple[str, ...]
    measure: Callable[[Result, int, int], Reals]


def _sum(result: Result, metric: str, first: int, last: int, place: str | None = None) -> Reals:
    at = result.at(place or result.whole)
    return result.series(metric)[:, first : last + 1, at].sum(axis=1).astype(np.float64)


def _ratio(part: str, whole: str, per_year: bool = False) -> Callable[[Result, int, int], Reals]:
    """One metric over another, summed over months; with `per_year`, of a stock, the yearly rate of leaving it."""

    def measure(result: Result, first: int, last: int) -> Reals:
        found = share(_sum(result, part, first, last), _sum(result, whole, first, last))
        return 12.0 * found if per_year else found

    return measure


def _first_share(metric: str) -> Callable[[Result, int, int], Reals]:
    """Share of the first receiving administration in what all of them have."""

    def measure(result: Result, first: int, last: int) -> Reals:
        each = [_sum(result, metric, first, last, place) for place in result.admins(source=False)]
        return share(each[0], np.sum(each, axis=0))

    return measure


def _between(statistic: Callable[[Reals, Reals], float], kind: str) -> Callable[[Result, int, int], Reals]:
    """Inequality of deals per head between zones or administrations."""

    def measure(result: Result, first: int, last: int) -> Reals:
        keys = [p["key"] for p in result.manifest["places"] if p["kind"] == kind]
        people = np.array([_people(result, key) for key in keys])
        deals = np.stack([_sum(result, "deals", first, last, key) for key in keys], axis=1)
        return np.array([statistic(one, people) for one in deals])

    return measure


def _people(result: Result, key: str) -> float:
    """Of a zone or an administration, in ten thousands."""
    return math.fsum(result.place(zone)["people_10k"] for zone in result.zones_of([key]))


INDICATORS = (
    Indicator("first administration's share of branch capital", "share", ("branch_capital_pledged_yuan",),
              _first_share("branch_capital_pledged_yuan")),
    Indicator("first administration's share of deals", "share", ("deals",), _first_share("deals")),
    Indicator("Theil of deals per head, administrations", "1", ("deals",), _between(theil, "admin")),
    Indicator("Theil of deals per head, zones", "1", ("deals",), _between(theil, "zone")),
    Indicator("Gini of deals per head, zones", "1", ("deals",), _between(gini, "zone")),
    Indicator("realised over pledged, programmes", "share", ("programmes_drawn_yuan", "programmes_pledged_yuan"),
              _ratio("programmes_drawn_yuan", "programmes_pledged_yuan")),
    Indicator("defaults of debts, a year", "share", ("debts_defaulted", "debts"),
              _ratio("debts_defaulted", "debts", per_year=True)),
    Indicator("needs for money met in full", "share", ("needs_met", "needs"), _ratio("needs_met", "needs")),
    Indicator("adoptions per technology launched", "1", ("adoptions", "technologies_launched"),
              _ratio("adoptions", "technologies_launched")),
    Indicator("public cost per technology launched", "yuan", ("public_cost_yuan", "technologies_launched"),
              _ratio("public_cost_yuan", "technologies_launched")),
)  # fmt: skip


def table(both: Pair, start: str, end: str, indicators: Iterable[Indicator] = INDICATORS) -> list[dict[str, str]]:
    """Rows of a text table: each indicator in A and in B, and the paired difference; what neither has is left out."""
    first, last = both.a.month(start), both.a.month(end)
    rows = []
    for one in indicators:
        if any(name not in both.metrics for name in one.needs):
            continue
        a, b = (one.measure(arm, first, last)[at] for arm, at in arms(both))
        known = np.isfinite(a) & np.isfinite(b)
        if not known.any():
            continue
        change = spread(b[known] - a[known])
        told = math.isfinite(float(change.low)) and not bool(change.exactly_zero)
        rows.append(
            {
                "scenario": both.b.name,
                "indicator": one.title,
                "A": amount(float(a[known].mean()), one.unit),
                "B": amount(float(b[known].mean()), one.unit),
                "B - A": "0" if bool(change.exactly_zero) else amount(float(change.mean), one.unit),
                "90 % interval": between(float(change.low), float(change.high), one.unit) if told else "-",
            }
        )
    return rows

"""Origins: the organisations of the source that find, sell and found things: enterprises and institutes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.core.clock import monthly_flow
from sim.core.columns import Column, Population, Rows
from sim.scenario.schema import ScenarioDocument

ENTERPRISE, INSTITUTE, UNIVERSITY = 0, 1, 2
KINDS = ("enterprise", "institute", "university")

STRATA = 128

COLUMNS = {
    "kind": Column(np.int8, "1", "0 enterprise, 1 institute, 2 university"),
    "zone": Column(np.int16, "1", "zone of its seat"),
    "cell": Column(np.int32, "1", "grid cell of its seat"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "born": Column(np.int16, "month", "month of founding"),
    "leaves_at": Column(np.int16, "month", "month in which it closes, as far as is decided, or never"),
    "leaving": Column(np.bool_, "1", "closes this month"),
    "staff": Column(np.float64, "count", "employees"),
    "stratum": Column(np.int16, "1", "part of all enterprises in which a programme looks for its leader"),
    "rnd": Column(np.float64, "yuan/year", "spending on R&D"),
    "births": Column(np.float64, "count/month", "achievements expected in a month"),
    "spillover": Column(np.float64, "share", "births that knowledge nearby adds to those expected"),
    "contracts": Column(np.float64, "count/month", "service contracts expected in a month"),
    "founding": Column(np.float64, "1", "founding hazard relative to the mean of enterprises"),
    "lists": Column(np.bool_, "1", "lists its achievements at the promotion centre without being a member"),
    "member": Column(np.bool_, "1", "member of the promotion centre's platform"),
    "margin": Column(np.int64, "yuan/month", "operating margin before R&D, or an institute's budget"),
    "taxed": Column(np.float64, "yuan/year", "taxes it paid, averaged over about three years", low=0),
    "outlay": Column(np.int64, "yuan/month", "spending on R&D"),
    "reserve": Column(np.int64, "yuan", "cash that owners leave in it"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def population(capacity: int = 16) -> Population:
    """An empty population of origins."""
    return Population("origins", COLUMNS, capacity)


@dataclass(frozen=True)
class Norms:
    """Means over those of the start, to which expectations and hazards stay relative whoever comes and goes."""

    count: int
    "Origins at scale 1."
    research: float
    "Mean over origins of R&D spending to the power gamma_R."
    founding: float
    "Mean over enterprises of staff to the power gamma_L."
    capital: float
    "Mean over founders of staff to the power by which branch capital grows."


def norms(origins: Population, count: int, scenario: ScenarioDocument) -> Norms:
    """Norms of the origins of the start, `count` of them at scale 1."""
    location = scenario.location
    research = origins.rnd**scenario.research.rnd_elasticity
    staff = origins.staff[origins.kind == ENTERPRISE]
    founding = staff**location.founding.size_elasticity
    mean = founding.mean() if founding.size else 1.0
    capital = staff**location.branch.capital_size * (founding / mean)  # founders are drawn by their hazard
    return Norms(
        count=count,
        research=research.mean() if research.size else 1.0,
        founding=mean,
        capital=math.fsum(capital) / max(capital.size, 1),
    )


def expect(origins: Population, rows: Rows, given: Norms, scenario: ScenarioDocument) -> None:
    """What an origin of this size may be expected to find, sell and found."""
    weight = origins.rnd[rows] ** scenario.research.rnd_elasticity / given.research
    origins.births[rows] = weight * monthly_flow(scenario.research.births) / given.count
    origins.contracts[rows] = weight * monthly_flow(scenario.exchange.contracts) / given.count
    enterprise = rows[origins.kind[rows] == ENTERPRISE]
    origins.founding[enterprise] = (
        origins.staff[enterprise] ** scenario.location.founding.size_elasticity / given.founding
    )


def resize(origins: Population, rows: Rows, factor: NDArray[np.float64], given: Norms, s: ScenarioDocument) -> None:
    """Make these origins larger by a factor: staff, R&D, money, and what is expected of them."""
    for column in (origins.staff, origins.rnd):
        column[rows] *= factor
    for column in (origins.margin, origins.outlay, origins.reserve):
        column[rows] = np.rint(column[rows] * factor).astype(np.int64)
    expect(origins, rows, given, s)


def still(origins: Population, rows: Rows) -> None:
    """What is gone earns, spends, finds and founds nothing, even where a whole column is read."""
    for name in (
        "staff",
        "rnd",
        "births",
        "contracts",
        "founding",
        "margin",
        "outlay",
        "reserve",
        "taxed",
        "member",
        "lists",
    ):
        getattr(origins, name)[rows] = 0

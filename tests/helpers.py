"""Shared by tests: small worlds, and verdicts that a sample's own standard error gives (never decimal places)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sim.build import build
from sim.core.schedule import Process
from sim.experiments.simulate import Outcome, simulate
from sim.scenario import load, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.world import World

Z = 4.0  # standard errors beyond which a difference is no accident
CHANCE = 2.0 * float(stats.norm.sf(Z))  # and the same as a probability, for tests that give one

NO_PARKS = {f"parks.{name}.open": "never" for name in ("harbour", "meadow", "hill")}
STEADY_FOUNDING = {
    **NO_PARKS,
    "scale": 10.0,
    "research.backlog_years": 0,
    "populations.branches_at_start": 0.0,
    "levels.outside_founding": -60.0,
    "location.founding.attraction": 0.0,
    "location.founding.pressure": 0.0,
    "location.founding.walk": 0.0,
    "location.choice.agglomeration": 0.0,
    "location.branch.exit_capital": 0.0,
}
"From no branches at all, each enterprise founds at its own rate, which nothing changes; capital keeps no branch alive."


def two_cities(overrides: Mapping[str, Any]) -> tuple[ScenarioDocument, Path]:
    """The invented region's scenario with values changed, by path."""
    return _loaded(json.dumps(overrides))


@lru_cache
def _loaded(overrides: str) -> tuple[ScenarioDocument, Path]:
    scenario = load("two_cities", json.loads(overrides))
    return scenario.document, region_folder(scenario)


def world_of(overrides: Mapping[str, Any], seed: int = 1, replicate: int = 0) -> World:
    document, folder = two_cities(overrides)
    return build(document, folder, seed, replicate)


def run(overrides: Mapping[str, Any], seed: int = 1, replicate: int = 0, **options: Any) -> Outcome:
    document, folder = two_cities(overrides)
    return simulate(document, folder, seed, replicate, **options)


def total(outcome: Outcome, metric: str, place: int = -1) -> int:
    """Sum of a metric over the months, of the whole region unless a place is given."""
    return int(outcome.series[outcome.metrics.index(metric), :, place].sum())


def founding_chances(world: World) -> NDArray[np.float64]:
    """Of each enterprise in a month of steady founding: 1 - exp(-h0 (L_i / Lbar)^gamma)."""
    size = world.origins.staff[world.origins.kind == 0] ** world.scenario.location.founding.size_elasticity
    return np.asarray(-np.expm1(-world.scenario.levels.branch_hazard * size / size.mean()))


def live(world: World, months: int, *processes: Process[World]) -> None:
    """Months in which only these processes of the model happen, in this order."""
    for _ in range(months):
        for process in processes:
            process.run(world)
        world.month += 1


def z_score(sample: ArrayLike, expected: ArrayLike) -> float:
    """How many of its own standard errors a sample's mean lies from what is expected."""
    gap = np.asarray(sample, float) - np.asarray(expected, float)
    error = gap.std(ddof=1) / np.sqrt(gap.size)
    return float(gap.mean() / error) if error > 0 else float(np.copysign(np.inf, gap.mean()) if gap.any() else 0.0)


def chi2_p(observed: ArrayLike, expected: ArrayLike, least: float = 5.0) -> float:
    """Pearson's chi-squared over cells with the expected number known; small cells are put together."""
    seen, due = np.asarray(observed, float).ravel(), np.asarray(expected, float).ravel()
    assert np.isclose(seen.sum(), due.sum(), rtol=1e-6), "observed and expected numbers have different sums"
    order = np.argsort(due)
    seen, due = seen[order], due[order]
    small = max(int((due < least).sum()), 1)
    while small < due.size and due[:small].sum() < least:
        small += 1
    seen = np.append(seen[small:], seen[:small].sum())
    due = np.append(due[small:], due[:small].sum())
    return float(stats.chi2.sf(((seen - due) ** 2 / due).sum(), due.size - 1)) if due.size > 1 else 1.0


def poisson_p(count: ArrayLike, mean: ArrayLike) -> float:
    """Two-sided probability of a dispersion as far from that of independent Poisson counts of known means."""
    seen, due = np.asarray(count, float).ravel(), np.asarray(mean, float).ravel()
    # Variance of the statistic under Poisson, exact for small means too, where chi-squared would be wrong.
    statistic = ((seen - due) ** 2 / due).sum()
    z = (statistic - due.size) / np.sqrt((2.0 + 1.0 / due).sum())
    return 2.0 * float(stats.norm.sf(abs(z)))

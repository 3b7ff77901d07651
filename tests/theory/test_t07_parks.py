"""T7: a park that fills up is a finite Markov chain in the month's own order: exits first, then admission.

X' = min(c, Y + A), Y ~ Binomial(X, 1-d), A arrivals; refused = E max(0, Y + A - c) / E A. Erlang's formula, which is
for time without steps, says something else.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import CHANCE, STEADY_FOUNDING, Z, chi2_p, founding_chances, world_of, z_score
from numpy.typing import NDArray
from scipy import stats

from sim.core.schedule import Process
from sim.location import admission, branch_founding, exits
from sim.world import World

Flow = NDArray[np.int64]

SLOTS, MONTHLY = 20, 0.25
MONTHS, WARM, GAP = 1200, 40, 16  # what is GAP months apart is independent: 0.75^16 = 0.01
ORDER = (exits.BRANCHES, exits.CLOSING, branch_founding.PROCESS)

FULL_PARK = {
    **STEADY_FOUNDING,
    "parks.harbour.open": "2013-01",
    "parks.harbour.announce": "2013-01",
    "parks.harbour.capacity": SLOTS / 10,
    "parks.harbour.subsidy": 1.0,  # with a pull of 5 (1 + 1) all but one founder of thousands come for the park
    "end": "2112-12",
    "levels.branch_hazard": 0.01,
    "location.choice.manufacturing": 0.0,
    "location.choice.travel": 0.0,
    "location.choice.wage": 0.0,
    "location.choice.rent": 0.0,
    "location.choice.size": 0.0,
    "location.choice.park": 5.0,
    "location.branch.exit_by_age": [1.0 - (1.0 - MONTHLY) ** 12],
}


def arrivals(world: World) -> NDArray[np.float64]:
    """Law of the number who ask for a slot in a month: each enterprise once, with its own chance."""
    comes = np.exp(10.0) / (np.exp(10.0) + 3.0) * -np.expm1(-10.0)
    law = np.ones(1)
    for chance in founding_chances(world) * comes:
        law = np.convolve(law, [1.0 - chance, chance])[:80]
    return law


def chain(law: NDArray[np.float64], slots: int = SLOTS, leave: float = MONTHLY) -> tuple[NDArray[np.float64], float]:
    """Stationary occupancy at the end of a month, and the share of the arrivals that is refused."""
    states, coming = np.arange(slots + 1), np.arange(law.size)
    stay = stats.binom.pmf(states[None, :], states[:, None], 1.0 - leave)  # from row to column
    admitted = np.zeros((slots + 1, slots + 1))
    filled = np.minimum(np.add.outer(states, coming), slots).ravel()
    np.add.at(admitted, (np.repeat(states, law.size), filled), np.tile(law, slots + 1))
    occupied = np.linalg.matrix_power(stay @ admitted, 2000)[0]
    over = np.maximum(np.add.outer(states, coming) - slots, 0)
    return occupied, float(occupied @ stay @ over @ law / (coming @ law))


def simulated(*order: Process[World], replicate: int = 0) -> tuple[NDArray[np.float64], Flow, Flow, Flow]:
    """The law of arrivals; occupancy at the end of each month; its arrivals and refusals."""
    world = world_of(FULL_PARK, 11, replicate)
    admission.PROCESS.run(world)
    rows = []
    for month in range(MONTHS):
        for process in order:
            process.run(world)
            if process is branch_founding.PROCESS:
                new = world.branches.alive & (world.branches.born == month)
                new &= world.branches.zone == world.parks.zone[0]
                flow = int(new.sum()), int((new & (world.branches.park < 0)).sum())
        rows.append((admission.occupancy(world)[0], *flow))
        world.month += 1
    held, came, refused = np.array(rows[WARM:]).T
    return arrivals(world), held, came, refused


def batches(excess: NDArray[np.float64]) -> list[float]:
    """Means of 40 months each, which are as good as independent."""
    return list(excess[: excess.size // 40 * 40].reshape(-1, 40).mean(axis=1))


def occupancy_p(held: NDArray[np.int64], law: NDArray[np.float64]) -> float:
    seen = np.bincount(held[::GAP], minlength=law.size)
    return chi2_p(seen, seen.sum() * law)


def erlang_b(load: float, slots: int) -> float:
    blocked = 1.0
    for k in range(1, slots + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def test_t7_the_reference_is_that_of_the_design() -> None:
    """12 arrivals a month, exits at a rate of 0.1, 100 slots: 0.219 by the chain of months, 0.196 by Erlang."""
    share = chain(stats.poisson.pmf(np.arange(80), 12.0), 100, -math.expm1(-0.1))[1]
    assert (round(share, 3), round(erlang_b(120.0, 100), 3)) == (0.219, 0.196)


def test_t7_refusals_are_those_of_the_monthly_chain_and_not_erlangs() -> None:
    parts = [simulated(*ORDER, replicate=r) for r in range(3)]
    excess: dict[str, list[float]] = {"chain": [], "erlang": []}
    for law, _, came, refused in parts:
        mean = law @ np.arange(law.size)
        share = {
            "chain": chain(law)[1],
            "erlang": erlang_b(mean / -math.log1p(-MONTHLY), SLOTS),
        }
        for name, of in share.items():
            excess[name] += batches(refused - of * came)
    assert abs(z_score(excess["chain"], 0.0)) < Z
    assert abs(z_score(excess["erlang"], 0.0)) > Z


def test_t7_occupancy_is_that_of_the_monthly_chain() -> None:
    law, held, _, _ = simulated(*ORDER)
    assert held.max() == SLOTS
    assert occupancy_p(held, chain(law)[0]) > CHANCE
    assert occupancy_p(held, chain(law, SLOTS + 1)[0]) < CHANCE


def test_t7_rejects_admission_before_exit() -> None:
    law, held, _, _ = simulated(*reversed(ORDER))
    assert occupancy_p(held, chain(law)[0]) < CHANCE


def test_t7_rejects_slots_that_are_not_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Occupancy counted over rows, the living and the gone."""
    monkeypatch.setattr(admission, "occupancy", lambda world: np.array([(world.branches.park == 0).sum()]))
    law, _, came, refused = simulated(*ORDER)
    assert abs(z_score(batches(refused - chain(law)[1] * came), 0.0)) > Z

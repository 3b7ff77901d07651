"""T6: with constant founding and exit, branches are an immigration-death process.

B_t = B* (1 - (1-d)^t) + B_0 (1-d)^t with B* = lambda / d; from an empty start B_t is Poisson at every t. (A parent
founds at most one branch a month, so lambda is a sum of chances 1 - exp(-h_i) of about 0.01: that far, and no further,
from Poisson.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, STEADY_FOUNDING, Z, founding_chances, live, poisson_p, world_of, z_score
from numpy.typing import NDArray
from scipy import stats

from sim.core.clock import monthly_chance
from sim.location import branch_founding, exits

YEARLY = 0.5  # exits in a year
REPLICATES = 50
TIMES = (4, 10, 24)
CONSTANT = {
    **STEADY_FOUNDING,
    "levels.branch_hazard": 0.01,
    "location.branch.exit_by_age": [YEARLY],
}


def stocks(overrides: dict[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Branches alive [replicate, time, type], those at the start, and lambda, founded in a month by the sizes drawn."""
    found = np.zeros((REPLICATES, len(TIMES), 3), np.int64)
    first, rate = np.zeros(REPLICATES), np.zeros(REPLICATES)
    for replicate in range(REPLICATES):
        world = world_of({**CONSTANT, **overrides}, 5, replicate)
        first[replicate], rate[replicate] = len(world.branches), founding_chances(world).sum()
        for k, time in enumerate(TIMES):
            live(world, time - world.month, exits.BRANCHES, exits.CLOSING, branch_founding.PROCESS)
            found[replicate, k] = np.bincount(world.branches.type[world.branches.alive], minlength=3)
    return found, first, rate


D = monthly_chance(YEARLY)
TYPE_SHARE = np.array([0.5, 0.25, 0.25])


def expected(time: int, first: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    left = (1.0 - D) ** time
    return rate / D * (1.0 - left) + first * left


def follows_the_path(overrides: dict[str, Any]) -> bool:
    """Whether the mean number of branches is that of the formula at every time."""
    found, first, rate = stocks(overrides)
    scores = [z_score(found[:, k].sum(axis=1), expected(time, first, rate)) for k, time in enumerate(TIMES)]
    return max(np.abs(scores)) < Z


def poisson_at_every_time(overrides: dict[str, Any]) -> bool:
    """Whether numbers by type, from an empty start, vary as independent Poisson numbers of the formula's means."""
    found, first, rate = stocks(overrides)
    assert not first.any()
    chances = []
    for k, time in enumerate(TIMES):
        mean = expected(time, first, rate)[:, None] * TYPE_SHARE
        u = stats.poisson.cdf(found[:, k] - 1, mean) + 0.5 * stats.poisson.pmf(found[:, k], mean)
        chances += [poisson_p(found[:, k], mean), float(stats.kstest(u.ravel(), "uniform").pvalue)]
    return min(chances) > CHANCE


@pytest.mark.parametrize("start", [0.0, 25.0], ids=["empty", "full"])
def test_t6_the_mean_follows_the_formula(start: float) -> None:
    assert follows_the_path({"populations.branches_at_start": start})


def test_t6_from_an_empty_start_the_number_is_poisson_at_every_time() -> None:
    assert poisson_at_every_time({})


def test_t6_a_fixed_start_adds_a_binomial() -> None:
    """Nobody founds: of B_0 branches Binomial(B_0, (1-d)^t) are left."""
    found, first, _ = stocks({"levels.branch_hazard": 0.0, "populations.branches_at_start": 60.0})
    assert (first > 100).all()
    for k, time in enumerate(TIMES):
        left = (1.0 - D) ** time
        score = (found[:, k].sum(axis=1) - first * left) / np.sqrt(first * left * (1.0 - left))
        spread = (score**2).sum()
        assert min(stats.chi2.cdf(spread, REPLICATES), stats.chi2.sf(spread, REPLICATES)) > CHANCE / 2
        assert abs(score.mean()) < Z / np.sqrt(REPLICATES)


@pytest.mark.parametrize(
    "fault",
    [{"location.branch.exit_by_age": [0.1, 0.9]}, {"location.branch.exit_scale": 0.8}],
    ids=["hazard by age", "another level of exit"],
)
def test_t6_rejects(fault: dict[str, Any]) -> None:
    assert not follows_the_path(fault)


def test_t6_rejects_a_rate_taken_for_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 - exp(-r/12) in place of 1 - (1-r)^(1/12)."""
    monkeypatch.setattr(exits, "monthly_chance", lambda share: -np.expm1(-share / 12))
    assert not follows_the_path({})


def test_t6_rejects_founders_who_come_in_herds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each founds with its own chance, but a quarter of all share one draw: the mean holds, the law does not."""
    real = branch_founding._founders

    def shared(key: Any, what: Any, uid: Any, *rest: Any) -> Any:
        return real(key, what, uid // np.uint64(2**62) + np.uint64(1), *rest)

    monkeypatch.setattr(branch_founding, "_founders", shared)
    assert not poisson_at_every_time({})

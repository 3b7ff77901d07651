"""T4: births of achievements are Poisson: variance / mean = 1, P(N = k) = e^-m m^k / k!, and parents superpose.

What is never offered lives geometrically, whether it has a row on the shelf or is only counted as dormant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, NO_PARKS, chi2_p, live, poisson_p, world_of
from numpy.typing import NDArray
from scipy import stats

from sim.core.streams import poissons, uniforms
from sim.research import births

MONTHS = 70
REAL = poissons


def counts() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Births by month and origin, all of which reach the shelf to be offered; the expected ones; each origin's zone."""
    world = world_of({**NO_PARKS, "research.backlog_years": 0, "research.births": 1000, "research.offered": 1.0})
    live(world, MONTHS, births.PROCESS)
    shelf = world.achievements
    found = np.zeros((MONTHS, world.origins.used), np.int64)
    np.add.at(found, (shelf.born, shelf.owner), 1)
    return found, world.origins.births, world.origins.zone.astype(np.int64)


def spread_p() -> float:
    """Variance over mean, over all origins and months."""
    found, mean, _ = counts()
    return poisson_p(found, np.broadcast_to(mean, found.shape))


def fit_p() -> float:
    """Goodness of fit: how many cells hold 0, 1, 2 ... births."""
    found, mean, _ = counts()
    most = 12
    due = MONTHS * stats.poisson.pmf(np.arange(most)[:, None], mean).sum(axis=1)
    return chi2_p(np.append(np.bincount(np.minimum(found.ravel(), most), minlength=most + 1)[:most],
                            (found >= most).sum()), np.append(due, found.size - due.sum()))  # fmt: skip


def superposition_p() -> float:
    """The births of a zone are Poisson with the sum of its origins' means: origins are independent."""
    found, mean, zone = counts()
    of_zone = (zone[:, None] == np.unique(zone)).astype(np.int64)
    return poisson_p(found @ of_zone, np.broadcast_to(mean @ of_zone, (MONTHS, of_zone.shape[1])))


def level_p() -> float:
    """The total is Poisson with the annual number of the scenario."""
    found, mean, _ = counts()
    assert np.isclose(mean.sum(), 1000 / 12)
    low, high = (
        stats.poisson.cdf(found.sum(), MONTHS * 1000 / 12),
        stats.poisson.sf(found.sum() - 1, MONTHS * 1000 / 12),
    )
    return 2.0 * float(min(low, high))


CHECKS = [spread_p, fit_p, superposition_p, level_p]


@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
def test_t4(check: Callable[[], float]) -> None:
    assert check() > CHANCE


def regular(key: Any, what: Any, uid: Any, step: Any, mean: Any) -> Any:
    """Births as even as can be: the mean rounded up or down."""
    whole = np.floor(mean)
    return (whole + (uniforms(key, what, uid, step, 0) < mean - whole)).astype(np.int64)


def litters(key: Any, what: Any, uid: Any, step: Any, mean: Any) -> Any:
    """Half as many births, each of twins."""
    return 2 * REAL(key, what, uid, step, mean / 2.0)


def one_draw_for_all(key: Any, what: Any, uid: Any, step: Any, mean: Any) -> Any:
    """Each origin Poisson, but all with the uniform of the first: a purpose used without the identity."""
    return REAL(key, what, np.full_like(uid, uid[0]), step, mean)


def same_each_month(key: Any, what: Any, uid: Any, step: Any, mean: Any) -> Any:
    """Each origin Poisson, but every month the same draw: a step left out of the key."""
    return REAL(key, what, uid, 0, mean)


def too_many(key: Any, what: Any, uid: Any, step: Any, mean: Any) -> Any:
    return REAL(key, what, uid, step, 1.1 * mean)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (spread_p, regular),
        (spread_p, litters),
        (fit_p, litters),
        (fit_p, regular),
        (superposition_p, one_draw_for_all),
        (superposition_p, same_each_month),
        (level_p, too_many),
    ],
    ids=lambda f: f.__name__,
)
def test_t4_rejects(check: Callable[[], float], fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(births, "poissons", fault)
    assert check() < CHANCE


def life_p(yearly: float = 0.15) -> float:
    """A month's births that are never offered go stale with the yearly rate from the next month on."""
    world = world_of({"research.backlog_years": 0, "research.births": 400_000, "research.offered": 0.0})
    live(world, 1, births.PROCESS)
    assert len(world.achievements) > 0 and world.dormant.sum() > 0
    last = world.clock.months
    ends = world.dormant.sum(axis=0) + np.bincount(np.minimum(world.achievements.stale_at, last), minlength=last + 1)
    assert ends.sum() == world.tally.get("achievements_born").sum()
    alive = (1.0 - yearly) ** (np.arange(last) / 12)
    return chi2_p(ends, ends.sum() * np.concatenate([[0.0], -np.diff(alive), alive[-1:]]))


def test_t4_what_is_never_offered_lives_geometrically() -> None:
    assert life_p() > CHANCE
    assert life_p(0.16) < CHANCE

"""T8: growth by independent factors (Gibrat), and the Pareto tail that exit and re-entry make of it.

Var ln S_t = Var ln S_0 + sigma^2 t, and ln S_t - ln S_0 is normal with mean (mu - sigma^2/2) t. With a yearly exit rate
d and entry at one size, sizes have a Pareto tail; its exponent solves (1-d) exp(alpha m + alpha^2 sigma^2/2) = 1, with
m = mu - sigma^2/2; with the mean growth that makes up for exits, (1-d) exp(mu) = 1, the exponent is 1 (Zipf).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, NO_PARKS, Z, live, world_of, z_score
from numpy.typing import NDArray
from scipy import stats

from sim.demography import entry, exit, growth
from sim.world import World

Reals = NDArray[np.float64]

MU, SIGMA = 0.05, 0.3
SCALE = 60.0
YEARS = (1, 4, 9)
IMMORTAL = {
    **NO_PARKS,
    "scale": SCALE,
    "tier": "chain",
    "research.backlog_years": 0,
    "populations.branches_at_start": 0.0,
    "demography.exit_by_age": [0.0],
    "demography.entry": 0.0,
    "demography.growth": MU,
    "demography.growth_sigma": SIGMA,
}
MONTHLY = (exit.LEAVING, exit.DEPARTURE, entry.PROCESS, growth.PROCESS)


def grown(overrides: dict[str, Any]) -> list[Reals]:
    """ln S_t - ln S_0 of manufacturers and enterprises after some whole years."""
    world = world_of({**IMMORTAL, **overrides}, 3)
    columns = (world.manufacturers.size, world.origins.staff)
    enterprise = world.origins.kind == 0
    start = np.concatenate([columns[0], columns[1][enterprise]])
    found = []
    for year in YEARS:
        live(world, 12 * year - world.month, growth.PROCESS)
        found.append(np.log(np.concatenate([columns[0], columns[1][enterprise]]) / start))
    return found


def is_gibrat(overrides: dict[str, Any]) -> bool:
    """Whether log growth is normal with the formula's mean and variance at every time."""
    chances = []
    for year, gained in zip(YEARS, grown(overrides), strict=True):
        mean, variance = (MU - 0.5 * SIGMA**2) * year, SIGMA**2 * year
        spread = ((gained - mean) ** 2).sum() / variance
        chances += [
            2.0 * min(stats.chi2.cdf(spread, gained.size), stats.chi2.sf(spread, gained.size)),
            float(stats.kstest((gained - mean) / math.sqrt(variance), "norm").pvalue),
        ]
    return min(chances) > CHANCE


def test_t8_log_growth_is_normal_with_variance_in_proportion_to_time() -> None:
    assert is_gibrat({})


def test_t8_growth_does_not_depend_on_size() -> None:
    world = world_of(IMMORTAL, 3)
    start = np.log(world.manufacturers.size)
    live(world, 12, growth.PROCESS)
    rank = stats.spearmanr(start, np.log(world.manufacturers.size) - start)
    assert rank.pvalue > CHANCE


def test_t8_each_firm_grows_once_a_year_on_its_birthday() -> None:
    world = world_of(IMMORTAL, 3)
    firms = world.manufacturers
    for month in range(12):
        before = firms.size.copy()
        live(world, 1, growth.PROCESS)
        assert ((firms.size != before) == ((month - firms.born) % 12 == 0)).all()


@pytest.mark.parametrize(
    "fault", [{"demography.growth": MU + 0.02}, {"demography.growth_sigma": 0.31}], ids=["drift", "spread"]
)
def test_t8_rejects(fault: dict[str, Any]) -> None:
    assert not is_gibrat(fault)


def test_t8_rejects_luck_that_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firm that draws the same luck each year: right after one year, too wide after more."""
    real = growth.normals
    monkeypatch.setattr(growth, "normals", lambda key, what, uid, step, draw: real(key, what, uid, 0, draw))
    assert not is_gibrat({})


def test_t8_rejects_growth_without_its_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """exp(mu + sigma eps): the mean would grow by sigma^2/2 too much."""
    real = growth._factor
    monkeypatch.setattr(growth, "_factor", lambda *given: real(*given) * math.exp(0.5 * SIGMA**2))
    assert not is_gibrat({})


# -- exit and re-entry -----------------------------------------------------------------------------------------------

D, S = 0.1, 0.4
REENTRY = {
    **IMMORTAL,
    "scale": 200.0,
    "end": "2090-12",
    "populations.size_sigma": 0.0,
    "populations.tail_start": 1.0,
    "demography.exit_by_age": [D],
    "demography.exit_size": 0.0,
    "demography.entry": D,
    "demography.entrant_size": 1.0,
    "demography.growth": 0.0,
    "demography.growth_sigma": S,
}
LATE = 60  # years after which the law has settled as far out as it is looked at


def exponent(d: float, mu: float) -> float:
    """Positive root of (1-d) exp(alpha m + alpha^2 s^2/2) = 1."""
    m = mu - 0.5 * S**2
    return (-m + math.sqrt(m**2 - 2.0 * S**2 * math.log1p(-d))) / S**2


def settled(overrides: dict[str, Any]) -> World:
    world = world_of({**REENTRY, **overrides}, 4)
    live(world, 12 * LATE, *MONTHLY)
    return world


def tail(world: World, alpha: float) -> float:
    """z score of the largest sizes against the exponent, by the mean excess of logarithms (Hill).

    The tail begins some growth steps above the size of entry: at exp(3 S), beyond which the law is Pareto but for a
    discrete number of steps.
    """
    size = world.manufacturers.size[world.manufacturers.alive]
    excess = np.log(size[size > math.exp(3.0 * S)]) - 3.0 * S
    assert excess.size > 100
    return z_score(excess, 1.0 / alpha)


def test_t8_exit_and_reentry_make_a_pareto_tail() -> None:
    assert abs(tail(settled({}), exponent(D, 0.0))) < Z


def test_t8_with_growth_that_makes_up_for_exits_the_tail_is_zipf() -> None:
    mu = -math.log1p(-D)
    assert exponent(D, mu) == pytest.approx(1.0)
    assert abs(tail(settled({"demography.growth": mu}), 1.0)) < Z


@pytest.mark.parametrize(
    "fault",
    [{"demography.exit_by_age": [0.03], "demography.entry": 0.03}, {"demography.growth": 0.05}],
    ids=["rarer exits", "drift"],
)
def test_t8_the_tail_rejects(fault: dict[str, Any]) -> None:
    assert abs(tail(settled(fault), exponent(D, 0.0))) > Z


def test_t8_the_number_is_level_and_the_ages_those_of_the_law() -> None:
    """Lives last (1 - d/2)/d years on average, as exits are spread over the year; times entry, that is the number.

    Survivors are as old as a constant yearly rate leaves them.
    """
    world = settled({})
    firms = world.manufacturers
    expected = 80 * REENTRY["scale"] * D * (1.0 - 0.5 * D) / D
    assert abs(len(firms) - expected) < Z * math.sqrt(expected)
    years = (world.month - firms.born[firms.alive]) // 12
    assert abs(z_score(years, (1.0 - D) / D)) < Z

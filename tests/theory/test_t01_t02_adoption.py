"""T1, T2: with zones that mix evenly and equal absorptive capacity, adoption is a Bass process, and SI without p.

T1: dF/dt = (p + q F)(1 - F); in a month Binomial(N - I, 1 - exp(-(p + q I / N) / 12)) come to want it, and have it in
the next. T2: with p = 0 and one adopter among n, the mean time to the last is sum_i n / (q i (n - i)) years.

Technologies of one world are replicates: their thresholds are independent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, Z, world_of, z_score
from numpy.typing import NDArray
from scipy import stats

from sim.core.streams import uniforms
from sim.diffusion import adoption
from sim.finance import clearing
from sim.world import World

P, Q = 0.03, 0.38
TECHNOLOGIES = 150
MONTHS = 240
FREE = {
    "populations.branches_at_start": 0,
    "research.backlog_years": 0,
    "diffusion.adoption.travel": 0.0,
    "diffusion.adoption.scope": 16,
    "diffusion.adoption.cost": 0.0,
    "diffusion.adoption.uplift": 0.0,
}

Reals = NDArray[np.float64]


def launched(number: int, firms: float, **overrides: Any) -> World:
    """A world of `firms` manufacturers of one field and of mean absorptive capacity, with as many new technologies."""
    world = world_of({**FREE, "scale": firms / 80, **overrides}, 3)
    makers = world.manufacturers
    makers.field[:] = 0
    makers.absorption[:] = world.absorption_mean
    pioneer = np.arange(number) % makers.used
    world.technologies.grow(
        np.arange(1, number + 1).astype(np.uint64), field=0, position=makers.position[pioneer], quality=1.0,
        pioneer=pioneer, zone=makers.zone[pioneer], adopters=1,
    )  # fmt: skip
    return world


def pass_a_month(world: World) -> None:
    """What adoption does in a month; the calendar stands still, so that a test may last for centuries."""
    world.begin_month()
    for process in (adoption.ASK, clearing.PROCESS, adoption.PAY, adoption.SPREAD):
        process.run(world)


def paths(p: float = P, q: float = Q, months: int = MONTHS) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Adopters, and those who come to want it, by month and technology."""
    rates = {"diffusion.adoption.innovation": p, "diffusion.adoption.imitation": q}
    world = launched(TECHNOLOGIES, 800, **rates)
    have, want = np.zeros((2, months, TECHNOLOGIES), np.int64)
    for month in range(months):
        pass_a_month(world)
        have[month] = world.technologies.adopters
        want[month] = np.bincount(world.adoptions.technology[world.adoptions.alive], minlength=TECHNOLOGIES)
    return have, want


N = 800


def step_p() -> float:
    """Least probability that each month's numbers are Binomial: of their mean, of their spread over months, and of the
    spread of the sums of technologies."""
    have, want = paths()
    left = N - have
    chance = 1.0 - np.exp(-(P + Q * have / N) / 12)
    due, spread = left * chance, left * chance * (1.0 - chance)
    known = spread > 0.5
    score = ((want - due) / np.sqrt(np.maximum(spread, 1e-9)))[known]
    mean = abs(score.sum()) / math.sqrt(score.size)
    months = abs((score**2).sum() - score.size) / math.sqrt(4.0 * score.size)  # squares of small counts vary more
    whole = (((want - due) * known).sum(axis=0) ** 2 / (spread * known).sum(axis=0)).sum()
    technologies = 2 * min(stats.chi2.sf(whole, TECHNOLOGIES), stats.chi2.cdf(whole, TECHNOLOGIES))
    return float(min(2 * stats.norm.sf(mean), 2 * stats.norm.sf(months), technologies))


def bass(t: Reals, p: float, q: float, first: float) -> Reals:
    """Share of adopters at time t (years) of the Bass equation that starts with the share `first`."""
    ratio = (p + q * first) / (1.0 - first) * np.exp((p + q) * t)
    return np.asarray((ratio - p) / (ratio + q))


def gap(per_year: int) -> tuple[Reals, Reals]:
    """Mean share less the closed form at each step, and its standard error, with steps of 1 / per_year."""
    faster = 12 / per_year
    have, _ = paths(P * faster, Q * faster, months=20 * per_year)
    share = have / N
    time = np.arange(share.shape[0]) / per_year
    return share.mean(axis=1) - bass(time, P, Q, 1 / N), share.std(axis=1, ddof=1) / math.sqrt(TECHNOLOGIES)


def test_t1_each_month_is_binomial() -> None:
    assert step_p() > CHANCE


def test_t1_the_path_is_that_of_the_equation_as_far_as_a_month_allows() -> None:
    off, error = gap(12)
    assert (np.abs(off) < 0.009 + Z * error).all()
    peak = round(12 * math.log(Q / P) / (P + Q))
    assert abs(off[peak] + bass(np.array(peak / 12), P, Q, 1 / N) - (Q - P) / (2 * Q)) < 0.009 + Z * error[peak]


def test_t1_half_the_step_halves_the_gap() -> None:
    """Quarters against half-quarters, where the gap is far above the noise."""
    (wide, error), (narrow, other) = gap(2), gap(4)
    at = int(np.argmax(np.abs(wide)))
    noise = math.hypot(error[at], 2 * other[2 * at])
    assert abs(wide[at]) > 5 * error[at]
    assert abs(2 * narrow[2 * at] - wide[at]) < Z * noise + 0.25 * abs(wide[at])


def capacity_p(felt: float = 1.0) -> float:
    """Whether after a year of p alone 1 - exp(-p A / mean A) of the firms of half, mean and twofold capacity want it.

    With `felt` below 1 the differences of capacity count less than they should.
    """
    p, relative = 0.2, np.array([0.5, 1.0, 2.0])
    world = launched(30, N, **{"diffusion.adoption.innovation": p, "diffusion.adoption.imitation": 0.0})
    makers, pioneers = world.manufacturers, world.technologies.pioneer
    group = np.arange(makers.used) % 3
    makers.absorption[:] = world.absorption_mean * relative[group] ** felt
    for _ in range(12):
        pass_a_month(world)
    wanting = np.bincount(group[world.adoptions.firm[world.adoptions.alive]], minlength=3)
    pioneered = np.bincount(group[pioneers], minlength=3)
    taken = wanting + np.bincount(group, makers.adopted).astype(int) - pioneered
    tried = pioneers.size * np.bincount(group) - pioneered
    chance = 1.0 - np.exp(-p * relative)
    score = (taken - tried * chance) / np.sqrt(tried * chance * (1 - chance))
    return float(2 * stats.norm.sf(np.abs(score)).min())


def test_t1_the_hazard_is_proportional_to_absorptive_capacity() -> None:
    assert capacity_p() > CHANCE
    assert capacity_p(0.8) < CHANCE


def test_t1_a_policy_delays_nobody() -> None:
    """With a higher p each firm wants each technology at the same time or earlier."""
    seen = []
    for p in (0.1, 0.2):
        world = launched(20, 80, **{"diffusion.adoption.innovation": p, "diffusion.adoption.imitation": 0.3})
        first: dict[int, int] = {}
        for month in range(120):
            pass_a_month(world)
            first |= {int(u): month for u in world.adoptions.uid[world.adoptions.alive] if int(u) not in first}
        seen.append(first)
    assert all(seen[1][pair] <= month for pair, month in seen[0].items())
    assert any(seen[1][pair] < month for pair, month in seen[0].items())


def one_threshold_a_firm(key: Any, what: Any, technology: Any, firm: Any) -> Any:
    """A firm is early for all technologies or for none: each technology Bass, but not independent."""
    return -np.log(uniforms(key, what, firm, 0, 0))


def uniform_thresholds(key: Any, what: Any, technology: Any, firm: Any) -> Any:
    """Thresholds of the right mean and of another law."""
    return 2.0 * uniforms(key, what, technology * np.uint64(1_000_003) + firm, 0, 0)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("monthly_flow", lambda rate: rate / 10),
        ("monthly_flow", lambda rate: 1.0 - (1.0 - rate) ** (1 / 12)),
        ("_thresholds", one_threshold_a_firm),
        ("_thresholds", uniform_thresholds),
    ],
    ids=["a year of ten months", "shares for rates", "thresholds without the technology", "thresholds of another law"],
)
def test_t1_rejects(name: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, name, fault)
    assert step_p() < CHANCE


# ------------------------------------------------------------------ T2


def times_to_the_last(n: int, q: float, technologies: int) -> Reals:
    """Years until all of n firms have it, for each technology."""
    rates = {"diffusion.adoption.innovation": 0.0, "diffusion.adoption.imitation": q}
    world = launched(technologies, n, **rates)
    assert world.manufacturers.used == n
    last = np.zeros(technologies)
    month = 0
    while len(world.technologies) and (world.technologies.adopters < n).any():
        pass_a_month(world)
        month += 1
        last[world.technologies.adopters < n] = month
    return last / 12


def si_mean(n: int, q: float) -> float:
    i = np.arange(1, n)
    return float((n / (q * i * (n - i))).sum())


def test_t2_the_mean_time_to_the_last() -> None:
    n, q = 20, 0.1
    assert math.isclose(si_mean(n, q), 2 * (math.log(n - 1) + 0.5772) / q, rel_tol=0.02)
    assert abs(z_score(times_to_the_last(n, q, 400), si_mean(n, q))) < Z


@pytest.mark.parametrize("fault", [0.8, 1.25])
def test_t2_rejects_another_contact_rate(fault: float) -> None:
    n, q = 20, 0.1
    assert abs(z_score(times_to_the_last(n, fault * q, 400), si_mean(n, q))) > Z


def test_t2_without_an_adopter_nobody_adopts() -> None:
    world = launched(10, 80, **{"diffusion.adoption.innovation": 0.0, "diffusion.adoption.imitation": 5.0})
    for month in range(60):
        pass_a_month(world)
        if month == 0:
            world.audiences.adopters[:] = 0
            world.audiences.hazard[:] = 0.0
            world.adoptions.retire(world.adoptions.rows)
    assert (world.technologies.adopters == 1).all()

"""T5: three geometric stages: P(T = k) = C(k-1, 2) pi^3 (1-pi)^(k-3), and success is the product of the chances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, Z, chi2_p, total, world_of
from numpy.typing import NDArray
from scipy import stats

from sim.core.streams import pairs, uniforms
from sim.diffusion import stages
from sim.experiments.simulate import Outcome
from sim.finance import clearing
from sim.world import World

PI, SUCCESS = 0.15, 0.766
NUMBER = 3000
EMPTY = {"populations.branches_at_start": 0, "research.backlog_years": 0, "diffusion.development.cost": 0.0}


def signed(**overrides: Any) -> World:
    """A world in which many developments have begun, all by buyers of mean absorptive capacity and with perfect fit."""
    world = world_of({**EMPTY, **{f"diffusion.development.{k}": v for k, v in overrides.items()}}, 6)
    makers = world.manufacturers
    makers.absorption[:] = world.absorption_mean
    world.developments.grow(
        np.arange(1, NUMBER + 1).astype(np.uint64), buyer=np.arange(NUMBER) % makers.used, quality=1.0, fit=1.0
    )
    return world


def pass_a_month(world: World) -> None:
    world.begin_month()
    for process in (stages.ASK, clearing.PROCESS, stages.PAY, stages.ADVANCE):
        process.run(world)
    world.month += 1


def durations(success: float = 1.0 - 1e-12) -> tuple[NDArray[np.int64], World]:
    """Months until each development has ended, by failure or as a technology."""
    world = signed(completion=PI, success=success)
    world.inputs.hours_index = np.zeros(1000, np.int64)
    ended = np.zeros(NUMBER + 1, np.int64)
    while len(world.developments):
        pass_a_month(world)
        ended[world.developments.uid[world.developments.alive]] = world.month
    return ended[1:] + 1, world


def negative_binomial_p() -> float:
    """Goodness of fit of the months that three stages take."""
    months = durations()[0]
    k = np.arange(3, 80)
    due = NUMBER * stats.nbinom.pmf(k - 3, 3, PI)
    seen = np.bincount(months, minlength=k[-1] + 1)[3 : k[-1] + 1]
    assert (months >= 3).all()
    return chi2_p(np.append(seen, (months > k[-1]).sum()), np.append(due, NUMBER - due.sum()))


def product_p() -> float:
    """Whether as many succeed as the product of three chances says."""
    technologies = len(durations(SUCCESS)[1].technologies)
    return float(stats.binomtest(technologies, NUMBER, SUCCESS**3).pvalue)


CHECKS = (negative_binomial_p, product_p)


@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
def test_t5(check: Callable[[], float]) -> None:
    assert check() > CHANCE


def test_t5_mean_and_variance() -> None:
    months = durations()[0]
    assert abs(months.mean() - 3 / PI) < Z * math.sqrt(3 * (1 - PI)) / PI / math.sqrt(NUMBER)
    due = 3 * (1 - PI) / PI**2
    error = due * math.sqrt((2 + 6 / 3 + PI**2 / (3 * (1 - PI))) / NUMBER)  # excess kurtosis 6/r + p^2/(r (1-p))
    assert abs(months.var(ddof=1) - due) < Z * error


def odds_of_success(world: World) -> float:
    """Log odds of one stage, from the share of the first that succeed."""
    good = stages._succeeds(world, world.developments.rows).mean()
    return math.log(good / (1.0 - good))


@pytest.mark.parametrize(
    ("change", "odds"),
    [
        (lambda w: w.manufacturers.absorption.__iadd__(0.3), 1.0 * 0.3),
        (lambda w: w.developments.fit.__imul__(0.5), 0.3 * math.log(0.5)),
        (lambda w: w.developments.waits.__iadd__(2), -0.5),
        (lambda w: w.environment.__iadd__(2.0), 0.1 * 2.0),
        (lambda w: None, 0.0),
    ],
    ids=["absorption", "fit", "delay", "environment", "at the centre"],
)
def test_t5_the_odds_of_a_stage(change: Callable[[World], Any], odds: float) -> None:
    world = signed(success=SUCCESS)
    change(world)
    due = math.log(SUCCESS / (1 - SUCCESS)) + odds
    chance = 1.0 / (1.0 + math.exp(-due))
    error = 1.0 / math.sqrt(NUMBER * chance * (1.0 - chance))
    assert abs(odds_of_success(world) - due) < Z * error


def no_month(key: Any, what: Any, uid: Any, step: Any, draw: Any) -> Any:
    """A draw without its month: a stage ends at once or never."""
    return uniforms(key, what, uid, 0, draw) if what == stages.SUCCEED or step < 400 else np.zeros(uid.size)


def rate_for_a_chance(key: Any, what: Any, uid: Any, step: Any, draw: Any) -> Any:
    u = uniforms(key, what, uid, step, draw)
    return u if what == stages.SUCCEED else u * PI / -math.expm1(-PI)


def one_draw_for_all_stages(uid: Any, stage: Any) -> Any:
    return pairs(uid, np.zeros_like(stage))


@pytest.mark.parametrize(
    ("check", "name", "fault"),
    [
        (negative_binomial_p, "uniforms", no_month),
        (negative_binomial_p, "uniforms", rate_for_a_chance),
        (negative_binomial_p, "STAGES", 2),
        (product_p, "STAGES", 2),
        (product_p, "pairs", one_draw_for_all_stages),
    ],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_t5_rejects(check: Callable[[], float], name: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, name, fault)
    try:
        low = check() < CHANCE
    except AssertionError:  # fewer months than three stages can take
        low = True
    assert low


# ------------------------------------------------------------------ money and heads


def test_a_stage_that_cannot_be_paid_waits_and_is_given_up() -> None:
    world = signed(cost=1.0, completion=1.0)
    world.developments.price[:] = 10**15
    for month in range(7):
        assert len(world.developments) == NUMBER, month
        pass_a_month(world)
    assert not len(world.developments)
    assert world.tally.get("developments_unfunded").sum() == NUMBER


def every_development_is_accounted_for(outcome: Outcome) -> bool:
    ended = ("developments_failed", "developments_unfunded", "developments_orphaned", "technologies_launched")
    alive = outcome.series[outcome.metrics.index("developments_alive"), -1, -1]
    return total(outcome, "developments_started") == sum(total(outcome, name) for name in ended) + alive


def test_every_development_is_accounted_for() -> None:
    from sim.experiments.simulate import simulate
    from sim.scenario import load, region_folder

    scenario = load("two_cities", {"tier": "full", "exchange.contracts": 2000, "demography.exit_by_age": [0.2]})
    outcome = simulate(scenario.document, region_folder(scenario), 3)
    assert min(total(outcome, n) for n in ("developments_failed", "technologies_launched")) > 0
    assert every_development_is_accounted_for(outcome)


def test_what_is_developed_again_is_another_technology() -> None:
    """Licences that are paid off may be taken again; identities never come back."""
    world = signed(completion=1.0, success=1.0 - 1e-12)
    again = world.developments.uid[:1].copy()
    for _ in range(2):
        for _ in range(3):
            pass_a_month(world)
        world.developments.grow(again, buyer=0, quality=1.0, fit=1.0)
    uid = world.technologies.uid[world.technologies.alive]
    assert uid.size == NUMBER + 1
    assert np.unique(uid).size == uid.size

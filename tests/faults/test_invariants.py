"""A world that is broken on purpose stops at once, and says when, after which process, where and whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from helpers import two_cities

from sim import month as month_module
from sim.core.schedule import Process, Schedule
from sim.errors import InvariantError, word
from sim.experiments.running import replay_command
from sim.experiments.simulate import simulate
from sim.scenario import load
from sim.world import World

WHEN = "2013-09"
CULPRIT = "branch_founding"


def nan(world: World) -> None:
    world.origins.staff[[3, 5]] = np.nan


def deposit(world: World) -> None:
    account = world.manufacturers.account[7]
    world.ledger.balance[0] += world.ledger.balance[account] + 5
    world.ledger.balance[account] = -5


def quota(world: World) -> None:
    world.financiers.quota[2] = -1


def heads(world: World) -> None:
    world.branches.alive[world.branches.rows[:2]] = False


def money(world: World) -> None:
    world.ledger.balance[world.manufacturers.account[0]] += 1


def fate(world: World) -> None:
    world.fates["stale"] += 1


def drawn(world: World) -> None:
    world.branches.paid[world.branches.rows[0]] = world.branches.subscribed[world.branches.rows[0]] + 1


# what is broken, the column that is named (or ""), how many identities, and words of the message
BROKEN: dict[str, tuple[Callable[[World], None], str, int, str]] = {
    "not a number": (nan, "origins.staff", 2, "2 values are not finite"),
    "a negative deposit": (deposit, "manufacturers.account", 1, "holds -5 yuan"),
    "an overdrawn quota": (quota, "financiers.quota", 1, "1 values are below 0"),
    "a count that is off": (heads, "branches.alive", 0, "are alive, but"),
    "money from nowhere": (money, "", 0, "do not cancel: 1 yuan"),
    "a fate too many": (fate, "", 0, "left the shelf"),
    "more drawn than pledged": (drawn, "", 0, "branches: what is drawn lies outside"),
}


@pytest.fixture
def planted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """The month with a mistake in one process, in one month."""
    mistake: Callable[[World], None] = BROKEN[request.param][0]

    def plant(process: Process[World]) -> Process[World]:
        def run(world: World) -> None:
            process.run(world)
            if world.clock.label(world.month) == WHEN:
                mistake(world)

        return replace(process, run=run) if process.name == CULPRIT else process

    month = month_module.MONTH
    broken = Schedule(month.phases, [plant(p) for p in month.processes], tuple(month.channels))
    monkeypatch.setattr(month_module, "MONTH", broken)
    month_module.month_of.cache_clear()
    monkeypatch.setattr(month_module, "month_of", month_module.month_of.__wrapped__)
    return mistake


def broken_run(invariants: str) -> InvariantError:
    document, folder = two_cities({"end": "2014-12"})
    with pytest.raises(InvariantError) as caught:
        simulate(document, folder, seed=5, replicate=2, invariants=invariants)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("level", ["light", "full"])
@pytest.mark.parametrize("planted", BROKEN, indirect=True)
def test_a_breach_is_found_within_its_time_and_named(
    planted: Callable[[World], None], level: str, request: pytest.FixtureRequest
) -> None:
    _, column, number, words = BROKEN[request.node.callspec.params["planted"]]
    error = broken_run(level)
    assert words in str(error)
    assert error.exit_code == 6
    assert (error.seed, error.replicate) == (5, 2)
    if error.month == WHEN:
        assert error.process == CULPRIT
        assert error.column == column
        assert len(error.ids) == number and len(set(error.ids)) == number
    else:  # light looks at a part of the columns each month; a quarter of a year later all have had their turn
        assert level == "light" and WHEN < error.month <= "2013-12"
    assert "seed 5, replicate 2" in word(error)


@pytest.mark.parametrize("planted", ["not a number"], indirect=True)
def test_the_command_shows_the_breach_again(planted: Callable[[World], None]) -> None:
    scenario = load("two_cities", {"end": "2014-12"})
    error = broken_run("full")
    command = replay_command(scenario, error)
    assert command.endswith(f"--seed 5 --replicate 2 --until {WHEN} --invariants full")
    document, folder = two_cities({"end": error.month})
    with pytest.raises(InvariantError) as again:
        simulate(document, folder, error.seed, error.replicate, invariants="full")
    assert str(again.value) == str(error)


@pytest.mark.parametrize("planted", ["not a number"], indirect=True)
def test_off_looks_at_nothing(planted: Callable[[World], None]) -> None:
    document, folder = two_cities({"end": "2014-12"})
    assert simulate(document, folder, invariants="off").series.any()


@pytest.mark.parametrize("level", ["off", "full"])
def test_looking_changes_nothing(level: str) -> None:
    document, folder = two_cities({"end": "2015-12"})
    looked = simulate(document, folder, invariants=level)  # type: ignore[arg-type]
    assert looked.digest == simulate(document, folder).digest

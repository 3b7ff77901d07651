"""The levers of the chain at their corners, alone and in pairs: each runs without a warning, and its books balance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from worlds import FOLDER, two_cities

from sim.build import build
from sim.errors import InputError
from sim.month import advance
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

MONTHS = 8
SMALL = {"tier": "full", "scale": 0.3, "research.backlog_years": 2}

# The lever's path, and its values: none, one, the most that is allowed.
CORNERS: dict[str, tuple[Any, ...]] = {
    "loan_quota": (0, 1, 100),
    "interest_subsidy": (0, 1),
    "premium_subsidy": (0, 1),
    "risk_pool": (0, 1),
    "venture_powder": (0, 100),
    "alliance.members": (0, 1, 10_000),
    "finance.loan.default_rate": (0, 1),
    "finance.insurance.cover": (0, 1),
}
DATED = ("loan_quota", "interest_subsidy", "premium_subsidy", "risk_pool", "venture_powder")


def setting(path: str, value: Any) -> dict[str, Any]:
    return {path: {2013: value} if path in DATED else value}


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, values in CORNERS.items():
        for value in values:
            yield f"{path}={value}", setting(path, value)
    for one, two in combinations(CORNERS, 2):
        pair = setting(one, CORNERS[one][-1]) | setting(two, CORNERS[two][-1])
        yield f"{one} and {two} at their most", pair
        yield f"{one} at its most, {two} at none", setting(one, CORNERS[one][-1]) | setting(two, CORNERS[two][0])


CASES = dict(cases())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("what", CASES)
def test_a_corner_runs_without_a_warning(what: str) -> None:
    world = build(two_cities(SMALL | {"alliance.start": "2013-03"} | CASES[what]), FOLDER, seed=3)
    for _ in range(MONTHS):
        advance(world)
    assert np.isfinite(world.credits.rate).all()


@pytest.mark.parametrize("path", CORNERS)
def test_what_lies_beyond_a_corner_is_refused_with_its_range(path: str) -> None:
    declared = {one.path: one.declared for one in parameters(ScenarioDocument)}[path]
    assert declared.low is not None and declared.high is not None
    for beyond in (declared.low - 1, declared.high + 1):
        with pytest.raises(InputError, match=f"{declared.low:g} to {declared.high:g}"):
            two_cities(setting(path, int(beyond)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "nobody",
    [
        {"finance.loan.banks": 0},
        {"finance.insurance.insurers": 0},
        {"finance.leasing.lessors": 0},
        {"finance.investment.funds": 0},
        {"finance.loan.banks": 0, "finance.leasing.lessors": 0, "finance.investment.funds": 0},
    ],
    ids=lambda nobody: ", ".join(nobody),
)
def test_a_chain_that_lacks_a_link_runs(nobody: dict[str, Any]) -> None:
    world = build(two_cities(SMALL | nobody), FOLDER, seed=3)
    for _ in range(MONTHS):
        advance(world)

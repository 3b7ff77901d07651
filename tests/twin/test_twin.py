"""Is the fast code the same as the obvious code? On hundreds of random worlds, and would a defect be noticed?"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sim.build import build
from sim.scenario import load, region_folder
from twin.comparing import first_difference
from twin.defects import DEFECTS
from twin.start import twin_of
from twin.worlds import CROWDED, FOLDER, MONTHS, changed, document

WORLDS = {"dozens": 24, "hundreds": 200, "thousands": 2400}[os.environ.get("TWIN_WORLDS", "hundreds")]
PARTS = 20


@pytest.mark.parametrize("part", range(PARTS))
def test_fast_code_does_what_the_obvious_code_does(part: int) -> None:
    """Random worlds for 24 months; in parts, so that cores share the work."""

    @seed(part)
    @settings(
        max_examples=WORLDS // PARTS, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(changed(), st.integers(0, 2**32), st.integers(0, 999))
    def agree(overrides: dict[str, Any], seed: int, replicate: int) -> None:
        world = build(document(overrides), FOLDER, seed, replicate)
        found = first_difference(world, twin_of(world, seed, replicate), MONTHS)
        assert not found, found

    agree()


def test_the_real_region_agrees_too() -> None:
    scenario = load("baseline", {"scale": 0.01})
    world = build(scenario.document, region_folder(scenario), seed=5)
    found = first_difference(world, twin_of(world, 5, 0), 12)
    assert not found, found


NEEDED = (
    "contracts_service", "contracts_outside", "achievements_offered", "deals", "deals_brokered", "deals_outside",
    "deals_unfunded", "introductions", "branches_opened", "branches_closed", "branches_elsewhere",
    "branches_relocated", "branches_diverted", "programmes_pledged", "programmes_drawn_yuan", "ventures_founded",
    "ventures_closed", "investments", "investments_yuan", "enterprises_entered",
    "enterprises_left", "manufacturers_entered", "manufacturers_left", "developments_started", "developments_failed",
    "developments_unfunded", "technologies_launched", "adoptions", "adoptions_unfunded", "needs", "needs_met",
    "debts_defaulted", "campaigns_met", "taxes_yuan", "taxes_shared_yuan", "rents_yuan", "dividends_yuan",
    "joint_projects", "capital_to_source_yuan", "talent_moved",
)  # fmt: skip


def test_the_busy_world_has_something_for_everybody_to_do() -> None:
    """A twin that is never asked for anything would agree with everybody."""
    world = build(document(CROWDED), FOLDER, seed=3)
    twin = twin_of(world, 3, 0)
    seen, tags, parks = dict.fromkeys(NEEDED, 0), set(), set()
    for _ in range(MONTHS):
        twin.step()
        tags |= {entry.tag for entry in twin.ledger.journal}
        parks |= {branch.park.rank for branch in twin.branches if branch.park}
        for name in NEEDED:
            seen[name] += sum(twin.tally[name, zone.number] for zone in twin.zones)
    assert min(seen.values()) >= 3, seen
    assert tags == {tag.name for tag in world.ledger.declared} - {"credit_line"}  # which is there in tier chain only
    assert parks == {0, 1, 2}
    assert set(twin.fates) == set(world.fates)


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = document(CROWDED)
    world = build(honest, FOLDER, seed=3)
    twin = twin_of(world, 3, 0, honest)
    DEFECTS[defect](world, monkeypatch)
    assert first_difference(world, twin, MONTHS)


SHARED = {"sim.core.clock", "sim.region", "sim.scenario.schema"}
"What the rules may take from the fast code: the calendar, the region's data, the scenario."
GO_BETWEENS = {"start.py", "comparing.py", "defects.py", "worlds.py", "test_twin.py"}
"Files of this folder that are no part of the model."


def test_the_rules_share_nothing_with_the_fast_code() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in GO_BETWEENS:
            nodes = list(ast.walk(ast.parse(path.read_text())))
            modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
            modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
            assert {name for name in modules if name.split(".")[0] == "sim"} <= SHARED, path.name

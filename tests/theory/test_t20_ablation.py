"""T20: each system of the article, switched off, removes its own events and breaks something else that can be seen.

What breaks is a pattern that held, or a headline that the system does not itself count. A system of which neither is
true is decorative, and `sim/MODEL.md` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim import month
from sim.experiments.running import run
from sim.month import MONTH
from sim.parameters.systems import ALWAYS, Systems
from sim.results import Result, open_result
from sim.results.effects import pair
from sim.results.patterns import STATISTICS, evaluate
from sim.scenario import load

REPLICATES = 12
SURE = 0.01  # chance that a system which does nothing is said to break anything at all
SMALL = {"scale": 0.05, "end": "2020-12", "tier": "full"}
PLACES = ("BJ", "TJ", "HB")

# Switch -> what the system alone makes happen: all of it is gone without the system.
EVENTS = {
    "branches": ("branches_opened", "branches_expected", "branches_elsewhere", "branch_capital_pledged_yuan"),
    "programmes": ("programmes_pledged", "programmes_pledged_yuan", "programmes_drawn_yuan"),
    "parks": ("branches_in_parks",),
    "centre": ("introductions", "deals_brokered", "platform_members", "needs_registered"),
    "transfer": ("achievements_offered", "contracts_service", "contracts_yuan"),
    "ventures": ("ventures_founded", "ventures_alive"),
    "chain": ("investments", "investments_yuan"),
    "alliance": ("campaigns_met",),
    "environment": ("environment",),
    "adoption": ("developments_started", "technologies_launched", "adoptions", "adopters"),
    "links": ("joint_projects", "joint_yuan", "capital_to_source_yuan", "talent_moved"),
}
HEADLINES = (
    "branches_opened", "branches_alive", "branch_capital_paid_yuan", "deals", "deals_yuan", "deals_brokered",
    "contracts_service", "programmes_pledged_yuan", "programmes_drawn_yuan", "ventures_founded", "ventures_alive",
    "investments_yuan", "public_cost_yuan", "technologies_launched", "adoptions", "sales_yuan",
)  # fmt: skip


def code_of(switch: str) -> str:
    return f"A{list(Systems.model_fields).index(switch) + 1}"


def built() -> set[str]:
    """Systems of which the month has a process of their own."""
    codes = {code.strip() for process in MONTH.processes for code in process.system.split(",")} - ALWAYS
    return {switch for switch in Systems.model_fields if code_of(switch) in codes}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ablation")


@pytest.fixture(autouse=True)
def fresh_months() -> Iterator[None]:
    """Months are remembered by tier and systems; a planted mistake must not be."""
    yield
    month.month_of.cache_clear()


@cache
def result(folder: Path, switch: str) -> Result:
    """The baseline, or the baseline without one system."""
    off = {f"systems.{switch}": False} if switch else {}
    return open_result(run(load("baseline", {**SMALL, **off}), replicates=REPLICATES, jobs=1, out=folder))


def remaining(off: Result, whole: Result, switch: str) -> list[str]:
    """Events of a system that happen in the whole and still happen without it, or that do not happen at all."""
    return [name for name in EVENTS[switch] if off.series(name).any() or not whole.series(name).any()]


def broken(off: Result, whole: Result, own: tuple[str, ...]) -> list[str]:
    """Patterns that held and do not, and headlines, other than the system's own, that differ by more than chance."""
    both = pair(whole, off)
    differences: dict[str, NDArray[np.float64]] = {}
    for metric in HEADLINES:
        a, b = both.series(metric)
        for place in PLACES:
            change = (b - a)[:, :, whole.at(place)].sum(axis=1).astype(float)
            if metric not in own and change.any():
                differences[f"{metric} in {place}"] = change
    found = []
    for before, after in zip(evaluate(whole), evaluate(off), strict=True):
        if before.holds and not after.holds:
            if after.defined.size < REPLICATES:
                found.append(before.statistic.title)  # there is nothing left to see it in
            else:
                differences[before.statistic.title] = after.values - before.values
    tests = len(HEADLINES) * len(PLACES) + len(STATISTICS)
    return found + [what for what, change in differences.items() if chance_of(change) < SURE / tests]


def chance_of(change: NDArray[np.float64]) -> float:
    """Of a mean as far from 0, by Student's t over paired replicates."""
    return float(stats.ttest_1samp(change, 0.0).pvalue) if change.std() > 0 else 0.0


def decorative() -> set[str]:
    """Codes that `sim/MODEL.md` lists as decorative."""
    text = (Path(month.__file__).parent / "MODEL.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (A\d+) \|.*\| decorative", text, re.MULTILINE))


def test_every_system_that_is_built_is_tested() -> None:
    assert built() == EVENTS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("switch", EVENTS)
def test_t20_a_system_takes_its_events_with_it_and_breaks_something_or_is_decorative(folder: Path, switch: str) -> None:
    off, whole = result(folder, switch), result(folder, "")
    assert remaining(off, whole, switch) == []
    found = broken(off, whole, EVENTS[switch])
    assert (code_of(switch) in decorative()) == (not found), f"{switch}: breaks {found or 'nothing'}"


@pytest.mark.slow
def test_t20_a_system_that_does_nothing_would_be_found_out(folder: Path) -> None:
    """The baseline against itself: nothing breaks, and no event is gone."""
    whole = result(folder, "")
    assert broken(whole, whole, ()) == []
    assert all(remaining(whole, whole, switch) == list(EVENTS[switch]) for switch in EVENTS)


@pytest.mark.slow
def test_t20_rejects_a_switch_that_leaves_a_process_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joining is filed under another system, so that the promotion centre's switch misses it."""
    misfiled = tuple(replace(p, system="A5") if p.name == "centre_joining" else p for p in month.PROCESSES)
    monkeypatch.setattr(month, "MONTH", type(MONTH)(MONTH.phases, misfiled, month.CHANNELS))
    month.month_of.cache_clear()
    off = {"systems.centre": False, "platform.start": "2014-09"}  # another scenario, so that it is run anew
    wrong = open_result(run(load("baseline", {**SMALL, **off}), replicates=1, jobs=1, out=folder))
    assert "platform_members" in remaining(wrong, result(folder, ""), "centre")

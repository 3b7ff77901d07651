"""The scenarios that ship: each says what it asks, runs without a warning, and changes nothing before its start."""

from __future__ import annotations

import re
import warnings
from functools import cache

import numpy as np
import pytest

from sim.experiments.simulate import Outcome, simulate
from sim.results.effects import WORDS_ABOUT_IT
from sim.scenario import library, load, region_folder
from sim.scenario.describing import listing
from sim.scenario.schema import ScenarioDocument

SHIPPED = sorted(file.stem for file in library().glob("*.yaml"))
SMALL = {"scale": 0.02, "tier": "full"}

# Scenario -> the first month in which it may differ from the baseline.
POLICIES = {
    "no_platform": "2014-08",
    "binhai_only": "2014-07",
    "hebei_tilt": "2015-01",
    "decap_push": "2018-01",
    "hsr_frozen": "2016-02",
    "sunset": "2022-01",
    "xiongan": "2017-04",
    "credit_squeeze": "2018-01",
    "one_market": "2013-01",
}


@cache
def outcome(name: str) -> Outcome:
    scenario = load(name, SMALL if name != "two_cities" else {})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return simulate(scenario.document, region_folder(scenario), seed=4)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_runs_without_a_warning(name: str) -> None:
    assert outcome(name).series.any()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_listed_with_its_question(name: str) -> None:
    document = load(name).document
    assert document.title and document.question.rstrip().endswith(("?", ")")) and "?" in document.question
    assert re.search(rf"^{name}\b", listed(), re.MULTILINE)


@cache
def listed() -> str:
    return listing("scenarios")


def test_every_policy_is_held_against_the_baseline() -> None:
    assert {*POLICIES, "baseline", "two_cities"} == set(SHIPPED)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_says_what_the_equations_do_not_imply(name: str) -> None:
    """In its first lines, before it was run; and it changes levers alone, never a level or a parameter."""
    text = (library() / f"{name}.yaml").read_text(encoding="utf-8")
    comment = " ".join(line.lstrip("# ") for line in text.splitlines()[:12] if line.startswith("#"))
    assert text.startswith("extends: baseline\ntitle: ")
    assert "Not implied" in comment
    scenario, baseline = load(name).document.model_dump(), load("baseline").document.model_dump()
    changed = {key for key in scenario if scenario[key] != baseline[key]} - {*WORDS_ABOUT_IT}
    levers = {key for key, field in ScenarioDocument.model_fields.items() if (field.description or "")[:5] == "Lever"}
    assert changed and changed <= levers


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_differs_before_a_policy_starts(name: str) -> None:
    scenario = load(name, SMALL)
    months = [f"{y}-{m:02d}" for y in range(2013, 2031) for m in range(1, 13)]
    assert (scenario.document.start, scenario.document.end) == (months[0], months[-1])
    different = (outcome(name).series != outcome("baseline").series).any(axis=(0, 2))
    assert different.any()
    first = months[int(np.argmax(different))]
    assert first >= POLICIES[name], first

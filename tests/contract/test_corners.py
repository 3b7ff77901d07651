"""Do corner values of every lever, alone and in pairs, run without a warning, or are they refused with a reason?

Values are read off the declarations: the least, one, the most; every word; every date far before, within and after the
run. All pairs of them are tried in a small world with every process at work: those of one lever one by one, those of
different levers many at once, in worlds that each set one corner of every lever.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from sim.errors import InputError, JJJError
from sim.experiments.simulate import simulate
from sim.policy import LEVERS
from sim.scenario import load, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import Parameter, parameters

SMALL = {"scale": 0.2, "start": "2013-06", "end": "2014-02", "research.backlog_years": 2, "tier": "full"}
BASE = load("two_cities", SMALL)
PARKS = ("harbour", "meadow", "hill")
DATES = ("2010-01", "2013-12", "2099-01")
ADMINS = ("UP", "LO")

Setting = dict[str, Any]
"Values by path: what one corner sets."


def corners(one: Parameter) -> list[Any]:
    """The corner values of a parameter; none where there is nothing but a free text."""
    shape, about = one.shape, one.declared
    values: list[Any] = [*shape.words]
    if shape.numbers or shape.path:
        ends = {about.low, 1.0 if (about.high is None or about.high >= 1) else None, about.high} - {None}
        numbers = sorted(int(v) if shape.numbers == (int,) else float(v) for v in ends)
        values += [{"2013": v} for v in numbers] if shape.path else numbers
    if shape.month:
        values += DATES
    if shape.switch:
        values += [True, False]
    if shape.optional:
        values.append(None)
    return values


def settings() -> dict[str, list[tuple[str, Setting]]]:
    """For each parameter of a lever its corners, in words and as values; a park's are set for all parks."""
    found: dict[str, list[tuple[str, Setting]]] = {}
    for one in parameters(ScenarioDocument):
        lever = one.path.split(".")[0]
        if lever not in LEVERS or one.path == "platform.site":
            continue
        names = PARKS if lever == "parks" else ADMINS
        paths = [one.path.replace("<name>", name) for name in names] if "<name>" in one.path else [one.path]
        shown = [(f"{one.path}={value}", dict.fromkeys(paths, value)) for value in corners(one)]
        if shown:
            found[one.path] = shown
    return found


SETTINGS = settings()
ALONE = [corner for corners in SETTINGS.values() for corner in corners]
PARTS = 4


def lever_of(words: str) -> str:
    return words.split(".")[0]


PAIRS = [
    (one, other)
    for (first, ones), (second, others) in combinations(SETTINGS.items(), 2)
    if lever_of(first) == lever_of(second)
    for one, other in product(ones, others)
]
"Of corners of one lever."


def covering(choices: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Few rows that each choose one word for every name, so that any two words of two names meet in one of them.

    Greedy: a row begins with a pair that has not met, and takes for each other name the word that meets most anew.
    """
    left = {frozenset(p) for ones, others in combinations(choices.values(), 2) for p in product(ones, others)}
    rows = []
    for first, second in combinations(sorted(choices, key=lambda name: -len(choices[name])), 2):
        for pair in product(choices[first], choices[second]):
            if frozenset(pair) not in left:
                continue
            row = dict(zip((first, second), pair, strict=True))
            for name in [name for name in choices if name not in row]:
                met = {word: sum(frozenset((word, other)) in left for other in row.values()) for word in choices[name]}
                row[name] = max(met, key=lambda word: met[word])
            left -= {frozenset(p) for p in combinations(row.values(), 2)}
            rows.append(row)
    assert not left
    return rows


def outcome(setting: Setting) -> str:
    """`ran` or `refused`, with a reason; anything else is a failure of the test."""
    try:
        document = load("two_cities", {**SMALL, **setting}).document
    except InputError as refused:
        assert refused.findings and all(finding.message for finding in refused.findings)
        return "refused"
    return simulated(document, setting)


def merged(setting: Setting) -> ScenarioDocument:
    """The small world's document with values changed: all that `load` does but reading files and checking dates."""
    plain = copy.deepcopy(dict(BASE.resolved))
    for path, value in setting.items():
        *blocks, last = path.split(".")
        here = plain
        for block in blocks:
            here = here[block]
        here[last] = value
    return ScenarioDocument.model_validate(plain)


def simulated(document: ScenarioDocument, setting: Setting) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            simulate(document, region_folder(BASE), seed=3)
        except JJJError as error:
            pytest.fail(f"{setting}: {error}")
        except Warning as warning:
            pytest.fail(f"{setting}: {type(warning).__name__}: {warning}")
    return "ran"


def test_every_lever_has_corners() -> None:
    assert {path.split(".")[0] for path in SETTINGS} == LEVERS.keys()
    for one in parameters(ScenarioDocument):
        if one.path.split(".")[0] in LEVERS and (one.shape.numbers or one.shape.path):
            assert len(corners(one)) >= 2 or one.default is PydanticUndefined, one.path
    assert len(PAIRS) > 400


@pytest.mark.parametrize(("words", "setting"), ALONE, ids=[words for words, _ in ALONE])
def test_a_corner_runs_or_is_refused(words: str, setting: Setting) -> None:
    assert outcome(setting) in ("ran", "refused")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_pairs_of_corners_of_a_lever_run_or_are_refused(part: int) -> None:
    """Two dates of one lever may contradict each other, so `load` has its say."""
    for (one, first), (other, second) in PAIRS[part::PARTS]:
        if not {one, other} & refused_alone():
            assert outcome({**first, **second}) in ("ran", "refused")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_corners_of_different_levers_run_together(part: int) -> None:
    for row in rows()[part::PARTS]:
        together: Setting = {}
        for words in row.values():
            together |= dict(ALONE)[words]
        assert simulated(merged(together), together) == "ran"


def test_any_two_corners_of_different_levers_meet() -> None:
    alone = [words for words, _ in ALONE if words not in refused_alone()]
    met = {frozenset(pair) for row in rows() for pair in combinations(row.values(), 2)}
    apart = {(one, other) for one, other in combinations(alone, 2) if lever_of(one) != lever_of(other)}
    assert len(apart) > 2000 and all(frozenset(pair) in met for pair in apart)
    assert len(rows()) < len(apart) / 5


@cache
def rows() -> list[dict[str, str]]:
    choices: dict[str, list[str]] = {}
    for words, _ in ALONE:
        if words not in refused_alone():
            choices.setdefault(lever_of(words), []).append(words)
    return covering(choices)


@cache
def refused_alone() -> frozenset[str]:
    return frozenset(words for words, setting in ALONE if outcome(setting) == "refused")

"""Solve the levels of a baseline once, from its targets and anchors, so that they can be frozen in its file.

Each level is one scalar with one observable that rises or falls with it and hardly with the others; all are
adjusted together, by simulating the same replicates again and again until every observable is met. Other scenarios
inherit the numbers and never solve them anew: a policy must not change the past that its baseline was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.build import region_of
from sim.core.clock import MONTHS_PER_YEAR, Clock
from sim.errors import InputError
from sim.experiments.runner import Task, run_all
from sim.experiments.running import replayable
from sim.experiments.simulate import Outcome
from sim.metrics.recorder import metrics_of, places_of
from sim.region import Level, Term
from sim.scenario import Scenario, load, region_folder
from sim.scenario.schema import ScenarioDocument

SEED = 20161209  # other seeds than a user's, so that the fit is not to his draws
TOLERANCE = 0.004


class Observed:
    """Means over replicates, from which the terms of a level are summed."""

    def __init__(self, scenario: Scenario[ScenarioDocument], outcomes: list[Outcome]) -> None:
        region = region_of(region_folder(scenario))
        self.clock = Clock(scenario.document.start, scenario.document.end)
        self.metric = {m.name: k for k, m in enumerate(metrics_of(region))}
        self.place = {p: k for k, p in enumerate(places_of(region))}
        self.mean: NDArray[np.float64] = np.mean([o.series for o in outcomes], axis=0)

    def total(self, terms: tuple[Term, ...]) -> float:
        """The sum of the terms; of a stock over one month, its level."""
        return sum(
            t.factor
            * float(
                self.mean[
                    self.metric[t.metric], self.clock.index(t.start) : self.clock.index(t.end) + 1, self.place[t.place]
                ].sum()
            )
            for t in terms
        )

    def of(self, level: Level) -> float:
        """What a level is observed by."""
        observed = self.total(level.observed)
        return observed / (self.total(level.per) or 1.0) if level.per else observed


def solve(
    source: str | Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    replicates: int = 24,
    rounds: int = 12,
    jobs: int | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, tuple[float | list[float], str]]:
    """Values of all levels with how they were found; `report` gets a line a round.

    In tier full the references of the environment are among them: as it feeds back, they are found in the same rounds.
    """
    given: dict[str, Any] = dict(overrides or {})
    scenario = load(source, given)
    levels = region_of(region_folder(scenario)).levels
    if not levels:
        raise InputError(scenario.finding("region", "this region has no levels.csv", found=scenario.document.region))
    last = max(term.end for level in levels for term in (*level.observed, *level.per))
    values = {level.path: float(_value(scenario, level.path)) for level in levels}
    references: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        scenario = load(source, given | values | references | {"end": last})
        folder = region_folder(scenario)
        tasks = [Task("", scenario.document, folder, SEED, r) for r in range(replicates)]
        with replayable(scenario):
            outcomes = [outcome for _, outcome in run_all(tasks, jobs)]
        seen = Observed(scenario, outcomes)
        off = {}
        for level in levels:
            observed = seen.of(level)
            off[level.path] = observed / level.wanted - 1.0
            values[level.path] = _corrected(level, values[level.path], observed)
        attraction = _attraction(scenario)  # the hazard moves with it, so that this changes no founding
        response = scenario.document.location.founding.attraction
        values["levels.branch_hazard"] *= math.exp(response * (attraction - scenario.document.levels.branch_attraction))
        values["levels.branch_attraction"] = attraction
        if scenario.document.tier == "full":
            references = _references(scenario, seen)
        report(f"round {number}: " + ", ".join(f"{path} {gap:+.2%}" for path, gap in off.items()))
        if all(abs(gap) < TOLERANCE for gap in off.values()):
            break
    told = {level.path: level.how for level in levels}
    told["levels.branch_attraction"] = "inclusive value of the receiving zones in January 2016, mean over parents"
    solved: dict[str, tuple[float | list[float], str]] = {p: (_rounded(v), told[p]) for p, v in values.items()}
    return solved | {path: (value, "the baseline's own activity") for path, value in references.items()}


def _corrected(level: Level, value: float, observed: float) -> float:
    ratio = max(observed, 1e-9) / level.wanted
    if level.response == "ratio":
        return value / ratio
    if level.response == "stock":
        return max(value + (level.wanted - observed) / 0.94, 0.0)  # about 6 % leave within the year
    sign = -1.0 if level.response == "log" else 1.0
    return value + sign * math.log(ratio)


def _attraction(scenario: Scenario[ScenarioDocument]) -> float:
    """Mean inclusive value over enterprises in the anchor month, one replicate."""
    from sim.build import build
    from sim.location import branch_founding, choice
    from sim.month import advance

    world = build(scenario.document, region_folder(scenario), SEED, 0)
    anchor = world.clock.index(scenario.document.location.founding.walk_anchor)
    for _ in range(anchor):
        advance(world)
    pull = choice.park_pull(world, scenario.document.location.choice.park)
    value = branch_founding.prospects(world, pull).attraction
    origins = world.origins
    enterprise = origins.kind == 0
    weight = origins.founding[enterprise]
    return float((weight * value[origins.zone[enterprise], origins.field[enterprise]]).sum() / weight.sum())


def _references(scenario: Scenario[ScenarioDocument], seen: Observed) -> dict[str, list[float]]:
    """Activity of each zone in the anchor month, as `diffusion.environment.activity` has it."""
    anchor = seen.clock.index(scenario.document.location.founding.walk_anchor)
    year = slice(anchor - MONTHS_PER_YEAR + 1, anchor + 1)
    found = {}
    for zone in region_of(region_folder(scenario)).zones.key:
        deals, ventures, finance, knowledge = (
            seen.mean[seen.metric[name], :, seen.place[zone]]
            for name in ("deals", "ventures_alive", "financed_yuan", "knowledge_yuan")
        )
        activity = (deals[year].sum(), ventures[anchor], finance[year].sum() / 1e6, knowledge[anchor] / 1e6)
        found[f"levels.environment.{zone}"] = [_rounded(float(x) / scenario.document.scale) for x in activity]
    return found


def _value(scenario: Scenario[ScenarioDocument], path: str) -> float:
    try:
        return float(scenario.value(path))
    except KeyError:
        return 0.0  # a named item that the file does not set yet


def _rounded(value: float) -> float:
    """Five significant digits: enough for every target, short enough for a file."""
    return float(f"{value:.5g}")


def freeze(file: Path, values: Mapping[str, tuple[float | list[float], str]]) -> None:
    """Write solved levels into a scenario file, single ones with how they were found; comments and order stay."""
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    from sim.store.publishing import replace_file

    yaml = YAML()
    yaml.width = 4096
    document = yaml.load(file.read_text(encoding="utf-8"))
    for path, (value, how) in values.items():
        *blocks, last = path.split(".")
        here = document
        for block in blocks:
            here = here.setdefault(block, CommentedMap())
        leaf = (
            CommentedSeq(value)
            if isinstance(value, list)
            else CommentedMap(value=value, source=f"level: {how}", grade="M")
        )
        leaf.fa.set_flow_style()
        here[last] = leaf
    text = StringIO()
    yaml.dump(document, text)
    replace_file(file, text.getvalue().encode())

"""Solve the levels of a baseline once, from its targets and anchors, so that they can be frozen in its file.

Each level is one scalar with one observable that rises or falls with it and hardly with the others; all are
adjusted together, by simulating the same replicates again and again until every observable is met. Other scenarios
inherit the numbers and never solve them anew: a policy must not change the past that its baseline was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.build import region_of
from sim.core.clock import Clock
from sim.experiments.runner import Task, run_all
from sim.experiments.simulate import Outcome
from sim.metrics.recorder import metrics_of, places_of
from sim.scenario import Scenario, load, region_folder
from sim.scenario.schema import ScenarioDocument

SEED = 20161209  # other seeds than a user's, so that the fit is not to his draws
TOLERANCE = 0.004


@dataclass(frozen=True)
class Level:
    """A path of the scenario, how it is observed, what it is solved from, and how it responds."""

    path: str
    observe: Callable[[Observed], float]
    wanted: float
    scale: str
    "`ratio`: the observable is proportional to the level; `log`: to its exponential; `-log`: inversely so."
    how: str
    step: float = 1.0
    "Share of the correction that is made at once."


class Observed:
    """Means over replicates of sums over windows and places."""

    def __init__(self, scenario: Scenario[ScenarioDocument], outcomes: list[Outcome]) -> None:
        region = region_of(region_folder(scenario))
        self.clock = Clock(scenario.document.start, scenario.document.end)
        self.metric = {m.name: k for k, m in enumerate(metrics_of(region))}
        self.place = {p: k for k, p in enumerate(places_of(region))}
        self.receiving = [a.key for a in region.admins if not a.source]
        self.whole = region.whole
        self.mean: NDArray[np.float64] = np.mean([o.series for o in outcomes], axis=0)

    def total(self, metric: str, start: str, end: str, places: list[str] | None = None) -> float:
        at = [self.place[p] for p in (places or self.receiving)]
        months = slice(self.clock.index(start), self.clock.index(end) + 1)
        return float(self.mean[self.metric[metric], months][:, at].sum())

    def stock(self, metric: str, month: str, places: list[str] | None = None) -> float:
        return self.total(metric, month, month, places)

    def everywhere(self, metric: str, start: str, end: str) -> float:
        return self.total(metric, start, end, [self.whole])


def levels_of(scenario: Scenario[ScenarioDocument]) -> tuple[Level, ...]:
    """What is solved for the baseline of a region, from its own targets and facts."""
    region = region_of(region_folder(scenario))
    facts, targets = region.facts, {t.id: t for t in region.targets}
    branches, brokered, binhai = (targets[k] for k in ("branches_2016", "brokered_2016", "binhai_programmes"))
    tianjin, hebei = branches.places
    share = facts["D30"].number or 0.0
    counted = {k: facts[k].number or 0.0 for k in ("B30", "B31", "B32", "B33")}
    split = (counted["B32"] + counted["B33"]) / sum(counted.values())
    park = binhai.places[0]
    received = scenario.document.location.choice.received_share
    years = ("2013-01", "2016-12")

    def foundings(seen: Observed) -> float:
        inside = seen.total("branches_expected", branches.start, branches.end) / 1e6
        return inside + seen.everywhere("branches_elsewhere", branches.start, branches.end)

    def outside_share(seen: Observed) -> float:
        there = seen.total("branches_expected", "2016-01", "2016-12") / 1e6
        return seen.everywhere("branches_elsewhere", "2016-01", "2016-12") / (there or 1.0)

    def service_share(seen: Observed) -> float:
        inside = seen.everywhere("contracts_service", *years) + seen.everywhere("contracts_outside", *years)
        return seen.total("contracts_service", *years) / inside

    def direct_share(seen: Observed) -> float:
        direct = seen.total("deals", *years) - seen.total("deals_brokered", *years)
        return direct / seen.everywhere("achievements_offered", *years)

    def mean_price(seen: Observed) -> float:
        count = seen.everywhere("deals", "2016-01", "2016-12")
        return seen.everywhere("deals_yuan", "2016-01", "2016-12") / count / 1e6

    def tianjin_odds(seen: Observed) -> float:
        month = facts["B30"].window_end[:7]
        return seen.stock("branches_alive", month, [tianjin]) / seen.stock("branches_alive", month, [hebei])

    return (
        Level("levels.branch_hazard", foundings, branches.value / received, "ratio",
              "687 branches opened in the receiving administrations, Jan-Jul 2016 (fact:A01)"),
        Level("levels.outside_founding", outside_share, 1.0 / received - 1.0, "log",
              "location.choice.received_share of the foundings of 2016 outside the source"),
        Level("populations.branches_at_start", lambda s: s.stock("branches_observed", "2013-12"),
              facts["B01"].number or 0.0, "stock", "3,500 branches alive at the end of 2013 (fact:B01)"),
        Level(f"location.choice.pull.{tianjin}", tianjin_odds, split / (1.0 - split), "log",
              f"{split:.0%} of the branches of May 2015 in {tianjin} (fact:B30 to fact:B33)", 0.7),
        Level("levels.outside_service", service_share, share, "-log",
              "share of service contracts to the receiving administrations, 2013-16 (fact:D30)"),
        Level("levels.outside_transfer", direct_share, share, "-log",
              "share of offered achievements sold there, after acceptance, 2013-16 (fact:D30)"),
        Level("levels.introduction", lambda s: s.total(brokered.metric, brokered.start, brokered.end),
              brokered.value, "log", "35 brokered deals, Jan-Sep 2016 (fact:A05)"),
        Level("levels.reserve_price", mean_price, 0.98, "ratio", "mean price of 0.98 m yuan in 2016 (model.md 10)"),
        Level("levels.venture_hazard", lambda s: s.everywhere("ventures_founded", "2013-01", "2013-12"),
              100.0, "ratio", "about 100 spin-offs in the first year (model.md 13)"),
        Level(f"parks.{park}.programmes", lambda s: s.total("programmes_pledged", binhai.start, binhai.end, [park]),
              binhai.value, "ratio", "45 programmes pledged by Nov 2016 (fact:A03)"),
    )  # fmt: skip


def solve(
    source: str | Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    replicates: int = 24,
    rounds: int = 12,
    jobs: int | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, tuple[float, str]]:
    """Values of all levels with how they were found; `report` gets a line a round."""
    given: dict[str, Any] = dict(overrides or {})
    scenario = load(source, given)
    levels = levels_of(scenario)
    values = {level.path: float(_value(scenario, level.path)) for level in levels}
    for number in range(1, rounds + 1):
        scenario = load(source, given | values | {"end": "2016-12"})
        folder = region_folder(scenario)
        tasks = [Task("", scenario.document, folder, SEED, r) for r in range(replicates)]
        outcomes = [outcome for _, outcome in run_all(tasks, jobs)]
        seen = Observed(scenario, outcomes)
        off = {}
        for level in levels:
            observed = level.observe(seen)
            off[level.path] = observed / level.wanted - 1.0
            values[level.path] = _corrected(level, values[level.path], observed)
        attraction = _attraction(scenario)  # the hazard moves with it, so that this changes no founding
        response = scenario.document.location.founding.attraction
        values["levels.branch_hazard"] *= math.exp(response * (attraction - scenario.document.levels.branch_attraction))
        values["levels.branch_attraction"] = attraction
        report(f"round {number}: " + ", ".join(f"{path} {gap:+.2%}" for path, gap in off.items()))
        if all(abs(gap) < TOLERANCE for gap in off.values()):
            break
    told = {level.path: level.how for level in levels}
    told["levels.branch_attraction"] = "inclusive value of the receiving zones in January 2016, mean over parents"
    return {path: (_rounded(value), told[path]) for path, value in values.items()}


def _corrected(level: Level, value: float, observed: float) -> float:
    ratio = max(observed, 1e-9) / level.wanted
    if level.scale == "ratio":
        return value / ratio**level.step
    if level.scale == "stock":
        return max(value + (level.wanted - observed) / 0.94, 0.0)  # about 6 % leave within the year
    sign = -1.0 if level.scale == "log" else 1.0
    return value + sign * level.step * math.log(ratio)


def _attraction(scenario: Scenario[ScenarioDocument]) -> float:
    """Mean inclusive value over enterprises in the anchor month, one replicate."""
    from sim.build import build
    from sim.location import branch_founding, choice
    from sim.month import advance

    world = build(scenario.document, region_folder(scenario), SEED, 0)
    anchor = world.clock.index(scenario.document.location.founding.walk_anchor)
    for _ in range(anchor):
        advance(world)
    base = branch_founding.base_weights(world)
    pull = choice.park_pull(world, scenario.document.location.choice.park)
    value = branch_founding.attraction(world, base, pull)
    origins = world.origins
    enterprise = origins.kind == 0
    weight = origins.founding[enterprise]
    return float((weight * value[origins.zone[enterprise], origins.field[enterprise]]).sum() / weight.sum())


def _value(scenario: Scenario[ScenarioDocument], path: str) -> float:
    try:
        return float(scenario.value(path))
    except KeyError:
        return 0.0  # a named item that the file does not set yet


def _rounded(value: float) -> float:
    """Five significant digits: enough for every target, short enough for a file."""
    return float(f"{value:.5g}")


def freeze(file: Path, values: Mapping[str, tuple[float, str]]) -> None:
    """Write solved levels into a scenario file, each with how it was found; comments and order stay."""
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    from sim.experiments.publishing import replace_file

    yaml = YAML()
    yaml.width = 4096
    document = yaml.load(file.read_text(encoding="utf-8"))
    for path, (value, how) in values.items():
        *blocks, last = path.split(".")
        here = document
        for block in blocks:
            here = here.setdefault(block, CommentedMap())
        leaf = CommentedMap(value=value, source=f"level: {how}", grade="M")
        leaf.fa.set_flow_style()
        here[last] = leaf
    text = StringIO()
    yaml.dump(document, text)
    replace_file(file, text.getvalue().encode())

"""An experiment file: a question, a scenario, and the values that are varied."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from sim.build import region_of
from sim.core.clock import Clock
from sim.core.dates import Month
from sim.core.params import Section
from sim.errors import Finding, InputError, RefusedError
from sim.metrics.recorder import metrics_of, places_of
from sim.scenario import Scenario, load, region_folder
from sim.scenario.resolving import load_document
from sim.scenario.schema import ScenarioDocument

MOST_RUNS = 100_000
ARM = "arm"


class Window(Section):
    """Months over which metrics are reduced: flows add up, stocks are taken at the end."""

    start: Month
    "First month."
    end: Month
    "Last month."


class Experiment(Section):
    """An experiment file: its title is the question that it answers."""

    title: str
    "The question."
    scenario: str = "baseline"
    "A shipped scenario, or a file beside this one."
    note: str = ""
    "What a reader must know of the axes, such as that both rest on judgement."
    set: dict[str, Any] = Field({})
    "Values for all points, by path."
    arms: dict[str, dict[str, Any]] = Field({})
    "Named sets of values, by path: what cannot be laid along an axis; the names are an axis of the points."
    grid: dict[str, list[Any]] = Field({})
    "Values of each axis, by path; the points are all combinations."
    replicates: Annotated[int, Field(ge=1, le=10_000)] = 8
    "Replicates of each point."
    seed: Annotated[int, Field(ge=0, le=2**53)] = 1
    "Seed, shared by all points."
    metrics: tuple[str, ...] = ("branches_opened", "deals")
    "What is looked at."
    places: tuple[str, ...] = ()
    "Where; the receiving administrations unless given."
    window: Window
    "When."


@dataclass(frozen=True)
class Point:
    """One combination of the axes."""

    values: dict[str, Any]
    scenario: Scenario[ScenarioDocument]


def read(file: Path) -> tuple[Experiment, list[Point]]:
    """An experiment file and its points, every one of them a valid scenario; InputError with all findings."""
    experiment = load_document(file, Experiment)
    source: str | Path = experiment.scenario
    beside = file.parent / experiment.scenario
    if beside.is_file():
        source = beside
    axes = axes_of(experiment)
    if not axes:
        raise InputError(Finding(file=str(file), path="grid", message="nothing varies", allowed="a grid, or arms"))
    size = int(np.prod([len(values) for values in axes.values()])) * experiment.replicates
    if size > MOST_RUNS:
        raise RefusedError(
            f"{file}: {size:,} runs; at most {MOST_RUNS:,} are done in one sweep",
            remedy="  Give fewer values to an axis, or fewer replicates.",
        )
    points = []
    for combination in itertools.product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        set_by_arm = experiment.arms.get(values.get(ARM, ""), {})
        varied = {path: value for path, value in values.items() if path != ARM}
        points.append(Point(values, load(source, arm={**experiment.set, **set_by_arm, **varied})))
    _check(file, experiment, points[0].scenario)
    return experiment, points


def axes_of(experiment: Experiment) -> dict[str, list[Any]]:
    """The values of each axis; named arms are the first."""
    arms: dict[str, list[Any]] = {ARM: list(experiment.arms)} if experiment.arms else {}
    return arms | experiment.grid


def _check(file: Path, experiment: Experiment, scenario: Scenario[ScenarioDocument]) -> None:
    region = region_of(region_folder(scenario))
    known = {"metrics": [m.name for m in metrics_of(region)], "places": list(places_of(region))}
    findings = [
        Finding(
            file=str(file), path=f"{kind}.{name}", message=f"no such {kind[:-1]}", found=name, allowed=", ".join(names)
        )
        for kind, names in known.items()
        for name in getattr(experiment, kind)
        if name not in names
    ]
    clock = Clock(scenario.document.start, scenario.document.end)
    if not 0 <= clock.index(experiment.window.start) <= clock.index(experiment.window.end) < clock.months:
        findings.append(
            Finding(file=str(file), path="window", message="the window lies outside the run",
                    found=f"{experiment.window.start} to {experiment.window.end}",
                    allowed=f"{scenario.document.start} to {scenario.document.end}")
        )  # fmt: skip
    if findings:
        raise InputError(findings)

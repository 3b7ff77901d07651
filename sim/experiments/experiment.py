"""An experiment file: a question, a scenario, arms and uncertainties, and what to look at.

A `Study` is the file with its scenarios found: arms by points by replicates are the runs. Each arm sees the same
points, and each replicate of each of them the same random draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from sim.build import region_of
from sim.core.clock import Clock
from sim.core.dates import Month
from sim.core.params import Section
from sim.errors import Finding, InputError, RefusedError
from sim.experiments.design import Kind, Points
from sim.experiments.priors import Prior, about, between, parse
from sim.metrics.recorder import metrics_of, places_of
from sim.scenario import Scenario, load, load_document, region_folder
from sim.scenario.editors import DIALECT
from sim.scenario.library import is_plain, library
from sim.scenario.nodes import Place
from sim.scenario.resolved import leaves
from sim.scenario.scalars import nearest
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import Declared, Shape, declared, field_shape

MOST_RUNS = 2_000_000
MOST_TRIED = 40
"Points that are tried before anything runs; of a larger grid, the ends of each axis."
JUDGEMENT = ("L", "assumption")
"Grades of evidence whose priors are judgement: their widths are what `width` changes."
DECLARED, WIDE = "prior", "wide"
SCENARIO = "scenario"
"The key by which an arm names another scenario than the experiment's."
ARM = "arm"
Picture = Literal["effects", "cities", "map", "lines", "heat", "tornado", "sobol"]


class Window(Section):
    """Months over which metrics are reduced: flows add up, stocks are taken at the end."""

    start: Month
    "First month."
    end: Month
    "Last month."


class Design(Section):
    """Which points are computed."""

    kind: Kind = "grid"
    "How points are laid; a grid has its values in `grid`."
    size: Annotated[int, Field(ge=1, le=1_000_000)] = 64
    "Points, trajectories (morris) or blocks (saltelli)."
    seed: Annotated[int, Field(ge=0, le=2**53)] = 1
    "Of the points; that of the runs stands outside."
    groups: Literal["grade"] | None = None
    "Of a saltelli design: move all parameters of one grade of evidence together, which takes far fewer runs."
    points: tuple[dict[str, Any], ...] = ()
    "The points of a list, by path."


class Experiment(Section):
    """An experiment file: its title is the question that it answers."""

    title: str
    "The question."
    title_zh: str = ""
    "The question in Chinese, for pictures."
    names_zh: dict[str, str] = Field({})
    "Chinese names of arms and paths, for pictures."
    note: str = ""
    "What a reader must know, such as that both axes rest on judgement."
    note_zh: str = ""
    "The same in Chinese."
    scenario: str = "baseline"
    "A shipped scenario, or a file beside this one."
    set: dict[str, Any] = Field({})
    "Values for all runs, by path."
    arms: dict[str, dict[str, Any]] = Field({})
    "Named sets of values, by path; `scenario` names another scenario. The first is what the others are held against."
    contrasts: dict[str, dict[str, float]] = Field({})
    "Named sums over arms, with a weight each, such as {a: 1, b: -1}; weights that add up to 0 compare like with like."
    grid: dict[str, list[Any]] = Field({})
    "Values of each axis, by path; the points are all combinations."
    uncertainties: dict[str, Any] = Field({})
    "What each path is drawn from: `prior` (the declared one), `wide` (half to double), [low, high], or a distribution."
    design: Design = Design()
    "Which points are computed."
    replicates: Annotated[int, Field(ge=1, le=10_000)] = 8
    "Replicates of each point."
    seed: Annotated[int, Field(ge=0, le=2**53)] = 1
    "Seed, shared by all arms and points."
    metrics: tuple[str, ...] = ("branches_opened", "deals")
    "What is looked at."
    places: tuple[str, ...] = ()
    "Where; the receiving administrations unless given."
    window: Window | None = None
    "When."
    windows: dict[str, Window] = Field({})
    "When, by name, where there is more than one window."
    figures: tuple[Picture, ...] = ()
    "Pictures; those that suit the design unless given."

    @property
    def all_windows(self) -> dict[str, Window]:
        """Windows by name; the one without a name is `window`."""
        return ({"window": self.window} if self.window else {}) | self.windows


@dataclass(frozen=True)
class Study:
    """An experiment with its scenarios found and its points laid."""

    file: Path
    experiment: Experiment
    arms: Mapping[str, Scenario[ScenarioDocument]]
    "The scenario of each arm before a point varies it; an experiment without arms has one, named as its scenario."
    points: Points
    grades: Mapping[str, str]
    "Grade of evidence of each path that is varied."
    overrides: tuple[str, ...] = ()
    "What the command line sets over all else."

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def places(self) -> tuple[str, ...]:
        """Where metrics are looked at."""
        if self.experiment.places:
            return self.experiment.places
        region = region_of(region_folder(next(iter(self.arms.values()))))
        return tuple(admin.key for admin in region.admins if not admin.source)

    @property
    def runs(self) -> int:
        return len(self.arms) * len(self.points) * self.experiment.replicates

    def scenario(self, arm: str, point: int) -> Scenario[ScenarioDocument]:
        """The scenario of an arm at a point; InputError if its values cannot be accepted."""
        return _load(self.file, self.experiment, arm, self.points.point(point), self.overrides)


def find(source: Path) -> Path:
    """The file of an experiment: the one given, or the shipped one of that name."""
    file = library().parent / "experiments" / f"{source}.yaml"
    return file if not source.is_file() and is_plain(str(source)) and file.is_file() else source


def shipped() -> dict[str, str]:
    """Names of the shipped experiments with their questions, in order."""
    files = sorted((library().parent / "experiments").glob("*.yaml"))
    return {file.stem: load_document(file, Experiment)[0].title for file in files}


def json_schema() -> dict[str, Any]:
    """A document for the `$schema` or `yaml.schemas` setting of an editor."""
    return {"$schema": DIALECT, **Experiment.model_json_schema()}


def read(file: Path, overrides: Iterable[str] = (), *, width: float = 1.0) -> Study:
    """An experiment file, or a shipped one's name, all that is wrong with it told at once, before anything runs.

    `width` multiplies the widths of the priors that rest on judgement. Raises InputError.
    """
    file = find(file)
    experiment, places = load_document(file, Experiment)
    told = _Told(file, places)
    given = tuple(overrides)
    arms: dict[str, Scenario[ScenarioDocument]] = {}
    for name in experiment.arms or {"": {}}:
        try:
            scenario = _load(file, experiment, name, {}, given)
        except InputError as error:
            told.about_values(error, name)
            continue
        arms[name or scenario.name] = scenario
    if not arms:
        raise InputError(told.findings)
    first = next(iter(arms.values()))
    known = {".".join(path): (declared(about), field_shape(about)) for path, _, about in leaves(first.document)}
    grades = {path: first.provenance[path].grade or "assumption" for path in experiment.uncertainties if path in known}
    priors = _priors(experiment, arms, known, grades, width, told)
    points = _points(experiment, priors, grades, told)
    _check_looks(experiment, first, told)
    if told.findings:
        raise InputError(told.findings)
    study = Study(file, experiment, arms, points, grades, given)
    if study.runs > MOST_RUNS:
        raise RefusedError(
            f"{file}: {study.runs:,} runs; at most {MOST_RUNS:,} are done in one sweep",
            remedy="  Give fewer values to an axis, a smaller size, or fewer replicates.",
        )
    _try(study, told)
    if told.findings:
        raise InputError(told.findings)
    return study


class _Told:
    """Findings, each at the place in the experiment file where its value stands."""

    def __init__(self, file: Path, places: Mapping[tuple[str, ...], Place]) -> None:
        self.file, self.places, self.findings = file, places, list[Finding]()

    def add(self, path: tuple[str, ...], message: str, found: str = "", allowed: str = "", near: str = "") -> None:
        place = self.at(path)
        self.findings.append(
            Finding(
                file=str(self.file), line=place.line, column=place.column, path=".".join(path),
                message=message, found=found, allowed=allowed, nearest=near,
            )
        )  # fmt: skip

    def at(self, path: tuple[str, ...]) -> Place:
        """The place of a value, or of the nearest block around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(str(self.file)))

    def about_values(self, error: InputError, arm: str) -> None:
        """What a scenario said of values that came from this file."""
        for finding in error.findings:
            if not finding.file.startswith(f"{ARM} "):
                self.findings.append(finding)
                continue
            given = finding.file.removeprefix(f"{ARM} ")
            for block in (("grid", given), ("uncertainties", given), ("arms", arm, given), ("set", given)):
                if block in self.places:
                    place = self.at(block)
                    moved = replace(finding, file=str(self.file), line=place.line, column=place.column)
                    break
            else:
                moved = replace(finding, file=str(self.file), line=0, column=0)
            if moved not in self.findings:
                self.findings.append(moved)


def _load(
    file: Path, experiment: Experiment, arm: str, point: Mapping[str, Any], overrides: tuple[str, ...]
) -> Scenario[ScenarioDocument]:
    """The scenario, with what holds for all runs, over it the arm, over it the point, over it the command line."""
    by_arm = dict(experiment.arms.get(arm, {}))
    name = str(by_arm.pop(SCENARIO, experiment.scenario))
    beside = file.parent / name
    return load(beside if beside.is_file() else name, overrides, arm={**experiment.set, **by_arm, **point})


def _priors(
    experiment: Experiment,
    arms: Mapping[str, Scenario[ScenarioDocument]],
    known: Mapping[str, tuple[Declared, Shape]],
    grades: Mapping[str, str],
    width: float,
    told: _Told,
) -> dict[str, Prior]:
    """What each uncertain path is drawn from, clipped to its declared range."""
    scenario = next(iter(arms.values()))
    priors = {}
    for path, written in experiment.uncertainties.items():
        at = ("uncertainties", path)
        if path not in known:
            told.add(at, "no such parameter", path, "", nearest(path, list(known)))
            continue
        about_it, shape = known[path]
        if not shape.numbers or isinstance(scenario.value(path), dict | list | None):
            told.add(at, "not a number, so that nothing can be drawn for it", path)
            continue
        own = next((arm for arm, other in arms.items() if other.value(path) != scenario.value(path)), None)
        if own is not None:
            told.add(at, f"the arm `{own}` sets this itself, and a draw would go over it", path)
            continue
        try:
            prior = _prior(written, about_it.prior, float(scenario.value(path)))
        except ValueError as error:
            told.add(at, str(error), str(written))
            continue
        whole = shape.numbers == (int,)
        factor = width if grades[path] in JUDGEMENT else 1.0
        priors[path] = prior.within(about_it.low, about_it.high, whole).widened(factor)
    return priors


def _prior(written: Any, declared_prior: str, value: float) -> Prior:
    if written == DECLARED:
        if not declared_prior:
            raise ValueError("this parameter has no declared prior: give a range, a distribution, or `wide`")
        return parse(declared_prior)
    if written == WIDE:
        return about(value)
    if isinstance(written, list):
        numbers = [x for x in written if isinstance(x, int | float) and not isinstance(x, bool)]
        if len(written) != 2 or len(numbers) != 2:
            raise ValueError("a range is written as [low, high]")
        return between(*numbers)
    return parse(str(written))


def _points(experiment: Experiment, priors: Mapping[str, Prior], grades: Mapping[str, str], told: _Told) -> Points:
    design = experiment.design
    if design.kind == "grid":
        if experiment.uncertainties:
            drawn = "latin_hypercube, sobol, morris or saltelli"
            told.add(("uncertainties",), "a grid draws nothing: give a design", allowed=f"design: {{kind: {drawn}}}")
        if not experiment.grid and not experiment.arms:
            told.add(("grid",), "nothing varies", allowed="a grid, arms, or uncertainties with a design")
        for path, values in experiment.grid.items():
            if not values:
                told.add(("grid", path), "an axis without values")
        return Points("grid", experiment.grid)
    if experiment.grid:
        told.add(("grid",), f"a design of kind {design.kind} has no grid", allowed="design: {kind: grid}")
    if design.kind == "list":
        if not design.points:
            told.add(("design", "points"), "a list without points")
        return Points("list", rows=design.points)
    if not experiment.uncertainties:
        told.add(("uncertainties",), f"a design of kind {design.kind} needs something to draw")
    if design.groups and design.kind != "saltelli":
        told.add(("design", "groups"), "only a saltelli design moves groups", design.kind)
    groups = dict(grades) if design.groups else {}
    return Points(design.kind, priors=dict(priors), size=design.size, seed=design.seed, groups=groups)


def _check_looks(experiment: Experiment, scenario: Scenario[ScenarioDocument], told: _Told) -> None:
    """Whether the metrics, places and windows are there."""
    region = region_of(region_folder(scenario))
    known = {"metrics": [m.name for m in metrics_of(region)], "places": list(places_of(region))}
    for kind, names in known.items():
        for number, name in enumerate(getattr(experiment, kind)):
            if name not in names:
                told.add((kind, str(number)), f"no such {kind[:-1]}", name, ", ".join(names), nearest(name, names))
    for name, weights in experiment.contrasts.items():
        for arm in weights:
            if arm not in experiment.arms:
                told.add(("contrasts", name, arm), "no such arm", arm, near=nearest(arm, list(experiment.arms)))
    clock = Clock(scenario.document.start, scenario.document.end)
    if not experiment.all_windows:
        told.add(("window",), "no window", allowed="window: {start: YYYY-MM, end: YYYY-MM}")
    for name, window in experiment.all_windows.items():
        block = ("window",) if window is experiment.window else ("windows", name)
        if not 0 <= clock.index(window.start) <= clock.index(window.end) < clock.months:
            whole = f"{scenario.document.start} to {scenario.document.end}"
            told.add(block, "the window lies outside the run", f"{window.start} to {window.end}", whole)


def _try(study: Study, told: _Told) -> None:
    """Whether the scenarios accept the values: every point of a small design, and the ends of a large one."""
    points = study.points
    if points.priors:
        ends = [{path: float(p.ppf(share)) for path, p in points.priors.items()} for share in (0.0, 1.0)]
        tried = [{k: round(v) if points.priors[k].whole else v for k, v in end.items()} for end in ends]
    elif len(points) <= MOST_TRIED:
        tried = [points.point(k) for k in range(len(points))]
    else:
        first = points.point(0)
        tried = [first | {path: value} for path, values in points.axes.items() for value in (values[0], values[-1])]
    for arm in study.arms:
        for values in filter(None, tried):  # a point that sets nothing is its arm, which has been read
            try:
                _load(study.file, study.experiment, arm, values, study.overrides)
            except InputError as error:
                told.about_values(error, arm)
        if len(tried) > 2:
            break  # the arms themselves have been tried already

"""A plan is an experiment resolved: every run of it, each with the key that its result is kept under.

The key is the digest of all that decides a result: resolved scenario, region, seed, replicate, model and what is
recorded. So a comment, a title or a window re-runs nothing, a new arm or point runs only what is new, and another model
runs everything. Seeds know nothing of arms, order, workers or the number of runs.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from sim import __version__
from sim.build import region_of
from sim.core.clock import Clock
from sim.core.provenance import machine, model_source, software
from sim.core.streams import EPOCH
from sim.errors import Finding, InputError, StoreError
from sim.experiments.design import Points
from sim.experiments.experiment import Study
from sim.experiments.store import described_metric, described_places
from sim.metrics.recorder import metrics_of
from sim.region import Region
from sim.scenario import Scenario, refuse_if_impossible, region_folder
from sim.scenario.resolved import digest_of, plain
from sim.scenario.schema import ScenarioDocument
from sim.store import Store
from sim.store.columns import named, numbers, table_of, texts
from sim.store.publishing import published, replace_file
from sim.store.sealing import digest, sealed, unsealed

BATCH = 20_000
"Runs whose keys are written at a time."

Values = Mapping[str, Any]
Progress = Callable[[int, int], None]


@cache
def made_by() -> dict[str, str]:
    """Versions, model and numeric abilities of this process: runs with equal ones are entitled to equal bits."""
    return {"jjj": __version__, "model_source": model_source(), **software(), **machine()}


@dataclass(frozen=True)
class Run:
    """One run of a plan."""

    index: int
    key: str
    arm: str
    point: int
    values: Values
    "What the point sets, by path."
    replicate: int


class Arm:
    """A resolved scenario of which points change a few values, quickly."""

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        self.resolved = resolved

    def document(self, values: Values) -> ScenarioDocument:
        """The scenario at a point; InputError if a value cannot be accepted."""
        changed: dict[str, Any] = dict(self.resolved)
        for path, value in values.items():
            _set(changed, path.split("."), value)
        try:
            return ScenarioDocument.model_validate(changed)
        except ValidationError as error:
            raise InputError(
                [
                    Finding(path=".".join(map(str, one["loc"])), message=one["msg"], found=repr(one["input"])[:80])
                    for one in error.errors()
                ]
            ) from None


def _set(block: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set a value in a nest of which the blocks on the way are copied, for others share them."""
    for key in keys[:-1]:
        block[key] = dict(block.get(key) or {})
        block = block[key]
    block[keys[-1]] = value


@dataclass(frozen=True)
class Plan:
    """A plan as it lies in a store: all that is needed to compute any of its runs, without the experiment's file."""

    folder: Path
    content: dict[str, Any]

    @cached_property
    def arms(self) -> dict[str, Arm]:
        """The scenario of each arm."""
        return {name: Arm(arm["resolved"]) for name, arm in self.content["arms"].items()}

    @cached_property
    def region(self) -> Path:
        """The folder of its region, in the store; StoreError if it is not what the plan was made from."""
        told = self.content["region"]
        folder = self.folder.parents[1] / "regions" / told["digest"] / told["key"]
        if not folder.is_dir() or region_digest(region_of(folder)) != told["digest"]:
            raise StoreError(f"{folder}: the data of the region are damaged", remedy="  `jjj sweep` writes them again.")
        return folder

    @property
    def size(self) -> int:
        """How many runs there are."""
        return int(self.content["size"])

    @property
    def metrics(self) -> list[str]:
        """What is recorded, in the order of the columns."""
        return list(self.content["recorded"])

    def keys(self) -> list[str]:
        """Keys of all runs, in their order."""
        return list(self._table("runs")["key"].to_pylist())

    def run(self, index: int) -> Run:
        """One run by its number."""
        return next(iter(self.runs([index])))

    def runs(self, chosen: Iterator[int] | Sequence[int]) -> Iterator[Run]:
        """Runs by their numbers, one after the other."""
        table, points = self._table("runs"), self._table("points")
        key, arm, point, replicate = (table[name] for name in ("key", "arm", "point", "replicate"))
        for index in chosen:
            at = point[index].as_py()
            written = {path: points[path][at].as_py() for path in points.column_names[1:]}
            values = {path: json.loads(text) for path, text in written.items() if text}
            yield Run(index, key[index].as_py(), arm[index].as_py(), at, values, replicate[index].as_py())

    def _table(self, name: str) -> Any:
        return _read_table(self.folder / f"{name}.parquet", self.content["files"][name])


@lru_cache(4)
def _read_table(path: Path, wanted: str) -> Any:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error})", remedy="  `jjj sweep` writes it again.") from error
    if digest(content) != wanted:
        raise StoreError(
            f"{path}: damaged: its content is not what was written", remedy="  `jjj sweep` writes it again."
        )
    return table_of(content)


@lru_cache(4)
def open_plan(folder: Path) -> Plan:
    """A plan from its folder; StoreError if it is damaged."""
    try:
        return Plan(folder, unsealed(folder / "plan.json"))
    except FileNotFoundError:
        raise StoreError(f"{folder}: no plan here") from None


class PlainPoints:
    """The points of a study, each value as a resolved scenario has it; computed when asked for."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.fixed = {text.partition("=")[0].strip() for text in study.overrides}  # the command line has the last word
        self._first = next(iter(study.arms.values()))
        self._known: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.study.points)

    def __getitem__(self, number: int) -> dict[str, Any]:
        point = self.study.points.point(number)
        return {path: self._plain(path, value) for path, value in point.items() if path not in self.fixed}

    def _plain(self, path: str, value: Any) -> Any:
        """A number where there is one already; of a text or a list what the scenario's own reading makes of it."""
        try:
            now = self._first.value(path)
        except KeyError:
            now = None
        if all(isinstance(one, int | float) and not isinstance(one, bool) for one in (now, value)):
            return value
        name = f"{path}={value!r}"
        if name not in self._known:
            only = replace(self.study, points=Points("list", rows=[{path: value}]))
            self._known[name] = only.scenario(next(iter(self.study.experiment.arms), ""), 0).value(path)
        return self._known[name]


@dataclass(frozen=True)
class Resolved:
    """An experiment before anything is written: plain content of its plan, points, and the folder of its region."""

    content: dict[str, Any]
    points: PlainPoints
    region: Path


def resolve(study: Study) -> Resolved:
    """A study as a plan; InputError if it cannot be one, RefusedError if it can never be done."""
    experiment, arms = study.experiment, study.arms
    for scenario in arms.values():
        refuse_if_impossible(scenario)
    folder = region_folder(next(iter(arms.values())))
    region = region_of(folder)
    for name, scenario in arms.items():
        if region_of(region_folder(scenario)).key != region.key:
            raise InputError(
                Finding(message="arms are compared place by place: they need one region", file=str(study.file),
                        path=f"arms.{name}", found=scenario.document.region, allowed=region.key)
            )  # fmt: skip
    points = PlainPoints(study)
    described = {metric.name: described_metric(metric) for metric in metrics_of(region)}
    content = {
        "name": study.name,
        "title": experiment.title,
        "note": experiment.note,
        "experiment": experiment.model_dump(mode="json"),
        "arms": {name: _arm(scenario) for name, scenario in arms.items()},
        "named_arms": bool(experiment.arms),
        "design": study.points.as_plain(),
        "grades": dict(study.grades),
        "overrides": list(study.overrides),
        "region": {"key": region.key, "digest": region_digest(region)},
        "seed": experiment.seed,
        "replicates": experiment.replicates,
        "points": len(points),
        "size": len(arms) * len(points) * experiment.replicates,
        "recorded": sorted(set(experiment.metrics)),
        "metrics": [described[name] for name in experiment.metrics],
        "places": described_places(region),
        "pictured": list(study.places),
        "windows": {name: window.model_dump(mode="json") for name, window in experiment.all_windows.items()},
        "model_source": model_source(),
        "epoch": EPOCH,
    }
    return Resolved(content, points, folder)


def _arm(scenario: Scenario[ScenarioDocument]) -> dict[str, Any]:
    clock = Clock(scenario.document.start, scenario.document.end)
    return {"scenario": scenario.name, "resolved": scenario.resolved, "months": clock.labels()}


def region_digest(region: Region) -> str:
    """Of the files of a region."""
    return digest(json.dumps([asdict(file) for file in region.files], sort_keys=True).encode())[:24]


def run_key(document_digest: str, content: Mapping[str, Any], replicate: int) -> str:
    """32 hexadecimal digits that name a run by all that decides its result."""
    words = (
        document_digest, content["region"]["digest"], str(content["seed"]), str(replicate), content["model_source"],
        str(content["epoch"]), *content["recorded"],
    )  # fmt: skip
    return hashlib.blake2b("\0".join(words).encode(), digest_size=16).hexdigest()


def prepare(resolved: Resolved, store: Store, progress: Progress = lambda done, total: None) -> Plan:
    """The plan of an experiment in a store; it becomes the newest one there."""
    content, points = resolved.content, resolved.points
    name = digest(json.dumps(content).encode())[:24]
    folder = store.folder / "plans" / name
    target = store.folder / "regions" / content["region"]["digest"] / content["region"]["key"]
    if not target.is_dir() or region_digest(region_of(target)) != content["region"]["digest"]:
        with published(target) as scratch:
            shutil.copytree(resolved.region, scratch, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    try:
        plan = open_plan(folder)
        plan.run(0)
    except StoreError:
        with published(folder) as scratch:
            _write_points(scratch / "points.parquet", points)
            _write_runs(scratch / "runs.parquet", content, points, progress)
            files = {path.stem: digest(path.read_bytes()) for path in sorted(scratch.glob("*.parquet"))}
            (scratch / "plan.json").write_bytes(sealed(content | {"files": files, "made_by": made_by(), "number": 0}))
        open_plan.cache_clear()
        plan = open_plan(folder)
    newest = max((one["number"] for one in plans(store).values()), default=0)
    if plan.content["number"] != newest or newest == 0:
        replace_file(folder / "plan.json", sealed(plan.content | {"number": newest + 1}))
        open_plan.cache_clear()
    return open_plan(folder)


def plans(store: Store) -> dict[str, dict[str, Any]]:
    """The plans of a store that can be read, by the name of their folder."""
    found = {}
    for path in (store.folder / "plans").glob("[!.]*/plan.json"):
        try:
            found[path.parent.name] = unsealed(path)
        except (StoreError, FileNotFoundError):
            continue  # what is damaged is made again
    return found


def _write_points(path: Path, points: PlainPoints) -> None:
    """One row a point, one column a path, each value as JSON; empty where a point of a list leaves it alone."""
    paths = [path for path in points.study.points.paths if path not in points.fixed]
    schema = pa.schema([("point", pa.int32()), *((one, pa.string()) for one in paths)])
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for first in range(0, len(points), BATCH):
            some = [points[k] for k in range(first, min(first + BATCH, len(points)))]
            columns = [numbers(np.arange(first, first + len(some), dtype=np.int32))]
            columns += [texts([json.dumps(one[name]) if name in one else "" for one in some]) for name in paths]
            writer.write_table(pa.table(columns, schema))


def _write_runs(path: Path, content: Mapping[str, Any], points: PlainPoints, progress: Progress) -> None:
    """One row a run: replicates within points within arms."""
    arms = {name: Arm(arm["resolved"]) for name, arm in content["arms"].items()}
    names = texts(list(arms))
    text = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([("arm", text), ("point", pa.int32()), ("replicate", pa.int32()), ("key", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        rows = _keys(content, arms, points)
        done = 0
        while batch := list(itertools.islice(rows, BATCH)):
            arm, point, replicate, key = zip(*batch, strict=True)
            whole = [numbers(np.array(column, np.int32)) for column in (point, replicate)]
            writer.write_table(pa.table([named(arm, names), *whole, texts(key)], schema))
            done += len(batch)
            progress(done, content["size"])


def _keys(
    content: Mapping[str, Any], arms: Mapping[str, Arm], points: PlainPoints
) -> Iterator[tuple[int, int, int, str]]:
    for a, arm in enumerate(arms.values()):
        for p in range(len(points)):
            found = digest_of(plain(arm.document(points[p])))
            for replicate in range(content["replicates"]):
                yield a, p, replicate, run_key(found, content, replicate)

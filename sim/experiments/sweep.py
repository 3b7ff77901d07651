"""A first sweep: a grid of values over one scenario, with replicates, on all cores.

Every point shares its seeds with every other one, so that differences between points are caused by the points.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim import __version__
from sim.build import region_of
from sim.core.clock import Clock
from sim.core.provenance import machine, model_source, software
from sim.experiments.experiment import ARM, Study, read
from sim.experiments.publishing import check_writable, published
from sim.experiments.runner import Task, run_all
from sim.metrics.recorder import metrics_of, places_of
from sim.scenario import Scenario, refuse_if_impossible, region_folder
from sim.scenario.schema import ScenarioDocument


def sweep(
    file: Path,
    *,
    out: Path = Path("results"),
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Run an experiment and return its folder: manifest.json, and runs.parquet with one row a point and replicate."""
    study = read(file)
    experiment, places = study.experiment, study.places
    (window, *_) = experiment.all_windows.values()
    varied = [(arm, number) for arm in study.arms for number in range(len(study.points))]
    points = [study.scenario(arm, number) for arm, number in varied]
    for point in points:
        refuse_if_impossible(point)
    folder = out / file.stem / _key(study, points)
    if (folder / "manifest.json").is_file():
        return folder
    check_writable(folder.parent)
    region = region_of(region_folder(points[0]))
    tasks = [
        Task(str(k), point.document, region_folder(point), experiment.seed, replicate)
        for k, point in enumerate(points)
        for replicate in range(experiment.replicates)
    ]
    done = 0

    def count(task: Task) -> None:
        nonlocal done
        done += 1
        progress(done, len(tasks))

    metrics = {m.name: (k, m) for k, m in enumerate(metrics_of(region))}
    at = [places_of(region).index(place) for place in places]
    rows: list[dict[str, Any]] = []
    for task, outcome in run_all(tasks, jobs, count):
        clock = Clock(task.scenario.start, task.scenario.end)
        first, last = clock.index(window.start), clock.index(window.end)
        row: dict[str, Any] = {"point": int(task.arm), "replicate": task.replicate, "digest": outcome.digest}
        for name in experiment.metrics:
            k, metric = metrics[name]
            months = slice(first, last + 1) if metric.reduce == "sum" else slice(last, last + 1)
            row[name] = int(outcome.series[k, months][:, at].sum())
        rows.append(row)
    with published(folder) as scratch:
        pq.write_table(pa.Table.from_pylist(rows), scratch / "runs.parquet", write_page_checksum=True)
        manifest = {
            "kind": "sweep",
            "name": file.stem,
            "key": folder.name,
            "experiment": experiment.model_dump(mode="json") | {"window": window.model_dump(mode="json")},
            "axes": ({ARM: list(experiment.arms)} if experiment.arms else {}) | experiment.grid,
            "places": list(places),
            "points": [
                {"values": ({ARM: arm} if experiment.arms else {}) | study.points.point(k), "scenario_digest": p.digest}
                for (arm, k), p in zip(varied, points, strict=True)
            ],
            "metrics": [{"name": n, "unit": metrics[n][1].unit, "doc": metrics[n][1].doc} for n in experiment.metrics],
            "software": {"jjj": __version__, **software()},
            "model_source": model_source(),
            "environment": machine(),
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def _key(study: Study, points: list[Scenario[ScenarioDocument]]) -> str:
    experiment = study.experiment
    words = [p.digest for p in points] + [
        str(experiment.replicates), str(experiment.seed), repr(experiment.metrics), repr(experiment.places),
        repr(experiment.all_windows), model_source(),
    ]  # fmt: skip
    return hashlib.blake2b("\0".join(words).encode(), digest_size=12).hexdigest()

"""Open a result folder and ask it for arrays; damage is found before anything is read from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import Finding, InputError, StoreError

NEWEST_FORMAT = 1

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Result:
    """One published result: its manifest, and its tables as arrays when asked for."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def months(self) -> list[str]:
        return list(self.manifest["months"])

    @property
    def places(self) -> list[str]:
        return [p["key"] for p in self.manifest["places"]]

    @property
    def metrics(self) -> list[str]:
        return [m["name"] for m in self.manifest["metrics"]]

    @property
    def replicates(self) -> int:
        return int(self.manifest["replicates"])

    def describe(self, metric: str) -> dict[str, str]:
        """Unit, reduction and meaning of a metric."""
        return dict(next(m for m in self.manifest["metrics"] if m["name"] == metric))

    def place(self, key: str) -> dict[str, Any]:
        """Names and kind of a place."""
        return dict(next(p for p in self.manifest["places"] if p["key"] == key))

    def series(self, metric: str) -> Whole:
        """A metric as [replicate, month, place]."""
        if metric not in self.metrics:
            raise InputError(
                Finding(message="no such metric in this result", file=str(self.folder), path=metric,
                        allowed=", ".join(self.metrics))
            )  # fmt: skip
        column = pq.read_table(self.folder / "series.parquet", columns=[metric], page_checksum_verification=True)
        values = column[metric].to_numpy()
        return np.asarray(values).reshape(self.replicates, len(self.months), len(self.places))

    def window(self, metric: str, start: str, end: str, place: str) -> Whole:
        """One number a replicate: the metric over [start, end] in a place, reduced as the metric declares."""
        values = self.series(metric)[:, self.month(start) : self.month(end) + 1, self.places.index(place)]
        return values.sum(axis=1) if self.describe(metric)["reduce"] == "sum" else values[:, -1]

    def month(self, label: str) -> int:
        """Index of a month "YYYY-MM"; StoreError if the run does not cover it."""
        try:
            return self.months.index(label)
        except ValueError:
            raise StoreError(
                f"{self.folder}: the month {label} is not in this result ({self.months[0]} to {self.months[-1]})"
            ) from None

    def flows(self, kind: str) -> dict[str, NDArray[Any]]:
        """Rows of the flows of one kind: replicate, month (index), from, to (keys of zones), count, yuan."""
        table = pq.read_table(
            self.folder / "flows.parquet", filters=[("kind", "==", kind)], page_checksum_verification=True
        )
        number = {label: k for k, label in enumerate(self.months)}
        month = np.array([number[m] for m in table["month"].to_pylist()], np.int64)
        return {
            "replicate": table["replicate"].to_numpy(),
            "month": month,
            "from": np.array(table["from"].to_pylist(), object),
            "to": np.array(table["to"].to_pylist(), object),
            "count": table["count"].to_numpy(),
            "yuan": table["yuan"].to_numpy(),
        }

    @cached_property
    def geography(self) -> dict[str, Any]:
        """Outlines, cells and sites for maps."""
        return dict(json.loads((self.folder / "geography.json").read_text(encoding="utf-8")))

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        """Figures that the result is held against."""
        return list(json.loads((self.folder / "targets.json").read_text(encoding="utf-8")))


def open_result(folder: Path | str) -> Result:
    """Open and verify a result folder; StoreError if it is none, damaged, or of a newer format."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(
            f"{folder}: no result here (there is no manifest.json)", remedy="  `jjj run` prints the folder of its result."
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder}/manifest.json: cannot be read ({error})") from error
    if manifest.get("format", 0) > NEWEST_FORMAT:
        raise StoreError(f"{folder}: written by a newer version (format {manifest['format']}); update jjj to read it")
    for name, wanted in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise StoreError(f"{path}: missing from the result")
        if hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest() != wanted:
            raise StoreError(f"{path}: damaged: its content is not what was written", remedy="  Run the scenario again.")
    return Result(folder, manifest)

"""Open a result folder and ask it for arrays; damage is found before anything is read from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from ruamel.yaml import YAML

from sim.errors import Finding, InputError, StoreError
from sim.results.geography import Geography, read_geography

NEWEST_FORMAT = 1
AGAIN = "  Run the scenario again."

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Sparse counts: positions of replicate, year and zone, the bin, and how many; `shape` of the first three."""

    replicate: Whole
    year: Whole
    zone: Whole
    bin: Whole
    count: Whole
    shape: tuple[int, int, int]

    def dense(self) -> Whole:
        """The same as [replicate, year, zone, bin]; not for bins that are many, such as cells."""
        total = np.zeros((*self.shape, int(self.bin.max(initial=0)) + 1), np.int64)
        np.add.at(total, (self.replicate, self.year, self.zone, self.bin), self.count)
        return total


@dataclass(frozen=True)
class Result:
    """One published result: its manifest, and its tables as arrays when asked for."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of its scenario."""
        return str(self.manifest["name"])

    @property
    def months(self) -> list[str]:
        """Months simulated, "YYYY-MM"."""
        return list(self.manifest["months"])

    @property
    def places(self) -> list[str]:
        """Keys of zones, administrations, and the whole region."""
        return [p["key"] for p in self.manifest["places"]]

    @property
    def metrics(self) -> list[str]:
        """Names of what was recorded."""
        return [m["name"] for m in self.manifest["metrics"]]

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        return int(self.manifest["replicates"])

    @property
    def replicate_numbers(self) -> list[int]:
        """Numbers of the replicates in the order of their rows."""
        return [int(number) for number in self.manifest["digests"]]

    @cached_property
    def row_of(self) -> dict[int, int]:
        """Row of each replicate, by its number."""
        return {number: row for row, number in enumerate(self.replicate_numbers)}

    def rows(self, numbers: NDArray[np.integer]) -> Whole:
        """Rows of replicates by their numbers, as a column of a table has them: few, each of them many times."""
        few, which = np.unique(numbers, return_inverse=True)
        return np.array([self.row_of[int(number)] for number in few], np.int64)[which]

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
        values = _numbers(self._table("series", [metric])[metric])
        return values.reshape(self.replicates, len(self.months), len(self.places))

    def window(self, metric: str, start: str, end: str, place: str) -> Whole:
        """One number a replicate: the metric over [start, end] in a place, reduced as the metric declares."""
        values = self.series(metric)[:, self.month(start) : self.month(end) + 1, self.at(place)]
        return values.sum(axis=1) if self.describe(metric)["reduce"] == "sum" else values[:, -1]

    def at(self, place: str) -> int:
        """Position of a place in the series; InputError with the places there are if it is none of them."""
        if place not in self.places:
            raise InputError(
                Finding(message="no such place in this result", file=str(self.folder), path=place,
                        allowed=", ".join(self.places))
            )  # fmt: skip
        return self.places.index(place)

    def covers(self, start: str, end: str) -> bool:
        """Whether the run has every month of a window."""
        return self.months[0] <= start <= end <= self.months[-1]

    def month(self, label: str) -> int:
        """Index of a month "YYYY-MM"; StoreError if the run does not cover it."""
        try:
            return self.months.index(label)
        except ValueError:
            raise StoreError(
                f"{self.folder}: the month {label} is not in this result, "
                f"which has {self.months[0]} to {self.months[-1]}"
            ) from None

    def flows(self, kind: str) -> dict[str, NDArray[Any]]:
        """Rows of the flows of one kind: replicate, month (index), from, to (keys of zones), count, yuan."""
        table = self._table("flows")
        chosen = _which(table["kind"], lambda name: name == kind)
        number = {label: k for k, label in enumerate(self.months)}
        codes, labels = _coded(table["month"])
        origin, target = (_coded(table[end]) for end in ("from", "to"))
        columns = {
            "replicate": _numbers(table["replicate"]),
            "month": np.array([number[label] for label in labels], np.int64)[codes],
            "from": origin[1][origin[0]],
            "to": target[1][target[0]],
            "count": _numbers(table["count"]),
            "yuan": _numbers(table["yuan"]),
        }
        return {name: column[chosen] for name, column in columns.items()}

    def arrivals(
        self, kinds: Iterable[str], value: str, targets: Sequence[str], origins: Sequence[str] | None = None
    ) -> Whole:
        """`count` or `yuan` of kinds of flows as [replicate, month, target], from some zones or from anywhere."""
        month, target = ({name: at for at, name in enumerate(names)} for names in (self.months, targets))
        total = np.zeros((len(self.row_of), len(month), len(target)), np.int64)
        sent, wanted = (None if origins is None else set(origins)), set(kinds)
        file, columns = self._file("flows"), ["replicate", "month", "from", "to", "kind", value]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=columns)
            chosen = _which(table["kind"], lambda name: name in wanted)
            if sent is not None:
                chosen &= _which(table["from"], lambda name: name in sent)
            codes, names = _coded(table["to"])
            place = np.array([target.get(name, -1) for name in names], np.int64)[codes]
            chosen &= place >= 0
            codes, names = _coded(table["month"])
            when = np.array([month[name] for name in names], np.int64)[codes]
            which = self.rows(_numbers(table["replicate"])[chosen])
            np.add.at(total, (which, when[chosen], place[chosen]), _numbers(table[value])[chosen])
        return total

    def histogram(self, name: str) -> Histogram:
        """A histogram by year; InputError if the result has none of this name."""
        known = [h["name"] for h in self.manifest.get("histograms", ())]
        if name not in known:
            raise InputError(
                Finding(message="no such histogram in this result", file=str(self.folder), path=name,
                        allowed=", ".join(known))
            )  # fmt: skip
        table = self._histograms
        chosen = _which(table["what"], lambda what: what == name)
        year = {label: at for at, label in enumerate(self.years)}
        codes, months = _coded(table["month"])
        place = {key: at for at, key in enumerate(self.zones)}
        places, keys = _coded(table["place"])
        return Histogram(
            self.rows(_numbers(table["replicate"])[chosen]),
            np.array([year.get(label, -1) for label in months], np.int64)[codes[chosen]],
            np.array([place.get(key, -1) for key in keys], np.int64)[places[chosen]],
            _numbers(table["bin"])[chosen].astype(np.int64),
            _numbers(table["count"])[chosen],
            (self.replicates, len(self.years), len(self.zones)),
        )

    @property
    def sectors(self) -> list[str]:
        """Sectors of the books."""
        return list(self.manifest.get("sectors", ()))

    @property
    def book_entries(self) -> list[str]:
        """What a row of the books can be about: deposits, claims, flows."""
        return list(self.manifest.get("book_entries", ()))

    def books(self, month: str, what: str) -> Whole:
        """One entry of the books of the year that ends with `month`, as [replicate, from, to] in yuan."""
        table = self._books
        chosen = _which(table["what"], lambda name: name == what) & _which(table["month"], lambda name: name == month)
        total = np.zeros((self.replicates, len(self.sectors), len(self.sectors)), np.int64)
        place = {name: at for at, name in enumerate(self.sectors)}
        origin, target = (
            np.array([place[name] for name in names], np.int64)[codes[chosen]]
            for codes, names in (_coded(table[end]) for end in ("from", "to"))
        )
        which = self.rows(_numbers(table["replicate"])[chosen])
        np.add.at(total, (which, origin, target), _numbers(table["yuan"])[chosen])
        return total

    @cached_property
    def _books(self) -> Any:
        return self._table("books")

    @cached_property
    def _histograms(self) -> Any:
        return self._table("histograms")

    @property
    def years(self) -> list[str]:
        """The last month of each year, and of the run: when histograms are written."""
        return [label for label in self.months if label.endswith("-12") or label == self.months[-1]]

    @property
    def whole(self) -> str:
        """The whole region, which is the last of the places."""
        return self.places[-1]

    @property
    def zones(self) -> list[str]:
        """Keys of the zones, in the order of the region."""
        return [p["key"] for p in self.manifest["places"] if p["kind"] == "zone"]

    def zones_of(self, places: Iterable[str]) -> list[str]:
        """Zones of places, which may be zones, administrations or the whole; InputError if one is no place."""
        found: dict[str, None] = {}
        for key in places:
            self.at(key)
            inside = [z for z in self.zones if key in (z, self.place(z)["admin"], self.whole)]
            found |= dict.fromkeys(inside)
        return list(found)

    def admins(self, source: bool | None = None) -> list[str]:
        """Administrations, or only those that are the source, or those that receive."""
        found = [p for p in self.manifest["places"] if p["kind"] == "admin"]
        return [p["key"] for p in found if source is None or p["source"] is source]

    @cached_property
    def travel(self) -> list[tuple[int, NDArray[np.float64]]]:
        """Hours between zones, each matrix with the index of the month from which it holds."""
        content = json.loads((self.folder / "travel.json").read_text(encoding="utf-8"))
        return [(self.month(one["from"]), np.asarray(one["hours"], np.float64)) for one in content]

    def _file(self, name: str) -> Any:
        opened: Any = pq.ParquetFile
        return opened(self.folder / f"{name}.parquet", page_checksum_verification=True)

    def _table(self, name: str, columns: list[str] | None = None) -> Any:
        return self._file(name).read(columns=columns)

    @cached_property
    def geography(self) -> Geography:
        """Outlines, cells and sites for maps."""
        return read_geography(json.loads((self.folder / "geography.json").read_text(encoding="utf-8")))

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The resolved scenario as plain values; a value given with unit and source is that value alone."""
        text = (self.folder / "scenario.yaml").read_text(encoding="utf-8")
        return dict(_plain(YAML(typ="safe", pure=True).load(text)))

    @property
    def scale(self) -> float:
        """Agents per counted organisation; asked by every picture, so the manifest tells it without reading YAML."""
        return float(self.manifest.get("scale") or self.scenario["scale"])

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        """Figures that the result is held against."""
        return list(json.loads((self.folder / "targets.json").read_text(encoding="utf-8")))


def _numbers(column: Any) -> NDArray[Any]:
    """A column without gaps as an array; `to_numpy` would import pandas, which takes longer than all else here."""
    return np.from_dlpack(column.combine_chunks())


def _coded(column: Any) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """A column of few distinct texts as positions in the array of these texts."""
    joined = column.unify_dictionaries().combine_chunks()
    return np.from_dlpack(joined.indices).astype(np.int64), np.array(joined.dictionary.to_pylist(), object)


def _which(column: Any, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Rows whose text passes a test."""
    codes, names = _coded(column)
    return np.array([test(name) for name in names], np.bool_)[codes]


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return _plain(node["value"]) if "value" in node else {str(k): _plain(v) for k, v in node.items()}
    return [_plain(v) for v in node] if isinstance(node, list) else node


def seal(manifest: Mapping[str, Any]) -> str:
    """Digest of a manifest's content without its own seal."""
    content = {key: value for key, value in manifest.items() if key != "seal"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def open_result(folder: Path | str) -> Result:
    """Open and verify a result folder; StoreError if it is none, damaged, or of a newer format."""
    folder = Path(folder)
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(
            f"{folder}: no result here (there is no manifest.json)",
            remedy="  `jjj run` prints the folder of its result.",
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read ({error})", remedy=AGAIN) from error
    if not isinstance(manifest, dict):
        raise StoreError(f"{path}: not the manifest of a result", remedy=AGAIN)
    version = manifest.get("format")
    if isinstance(version, int) and version > NEWEST_FORMAT:
        raise StoreError(f"{folder}: written by a newer version (format {version}); update jjj to read it")
    if manifest.get("seal") != seal(manifest):
        raise StoreError(f"{path}: damaged: its content is not what was written", remedy=AGAIN)
    for name, wanted in manifest["files"].items():
        _verify(folder / name, wanted)
    return Result(folder, manifest)


def _verify(path: Path, wanted: str) -> None:
    if not path.is_file():
        raise StoreError(f"{path}: missing from the result", remedy=AGAIN)
    try:
        found = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    if found != wanted:
        raise StoreError(f"{path}: damaged: its content is not what was written", remedy=AGAIN)

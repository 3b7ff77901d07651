"""Open the store of an experiment and ask it for arrays; what is not what was written is refused, never shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.errors import Finding, InputError, StoreError
from sim.store import Receipt, Store
from sim.store.columns import numbers, table_of, texts
from sim.store.parts import AGAIN, GoneError, read_part
from sim.store.receipts import DONE
from sim.store.sealing import digest, unsealed

MISSING = "missing"

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]


class Lies(NamedTuple):
    """Where a run that is done lies: its receipt, and its position in the part."""

    receipt: str
    at: int


@dataclass
class Stored:
    """The runs of the newest plan of a store, in the order of the plan: replicates within points within arms."""

    folder: Path
    plan: dict[str, Any]
    receipts: dict[str, Receipt]
    _plan_folder: Path

    @cached_property
    def _rows(self) -> tuple[dict[str, int], NDArray[np.bool_], Whole, Whole]:
        """Row of each key in one count over all receipts; of each row whether it is done, its receipt, its position.

        Of a run that has several rows, one that is done goes before one that failed.
        """
        keys, states = self._flat("key"), self._flat("status")
        done = np.array([state == DONE for state in states], np.bool_)
        sizes = [len(receipt.rows) for receipt in self.receipts.values()]
        receipt = np.repeat(np.arange(len(sizes)), sizes)
        before: Whole = np.cumsum(done) - done
        first = np.cumsum([0, *sizes[:-1]]).astype(np.int64) if sizes else np.zeros(0, np.int64)
        at: Whole = before - before[first[receipt]] if len(keys) else before
        rows = {key: row for row, key in enumerate(keys) if not done[row]} if not done.all() else {}
        rows |= zip(compress(keys, done), np.flatnonzero(done).tolist(), strict=True)
        return rows, done, receipt, at

    def _flat(self, name: str) -> list[Any]:
        """One column of all receipts."""
        return list(chain.from_iterable(getattr(receipt.rows, name) for receipt in self.receipts.values()))

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return str(self.plan["name"])

    @property
    def metrics(self) -> list[str]:
        """What was recorded."""
        return list(self.plan["recorded"])

    @property
    def places(self) -> list[str]:
        """Zones, administrations, and the whole region."""
        return [place["key"] for place in self.plan["places"]]

    @property
    def arms(self) -> list[str]:
        """Names of the arms; the first is what the others are held against."""
        return list(self.plan["arms"])

    @property
    def scale(self) -> float:
        """Agents per counted organisation, in the first arm."""
        return float(self.plan["arms"][self.arms[0]]["resolved"].get("scale", 1.0))

    @cached_property
    def months(self) -> list[str]:
        """Months of all arms; InputError if they differ, for then no table holds them all."""
        every = [arm["months"] for arm in self.plan["arms"].values()]
        if any(months != every[0] for months in every):
            raise InputError(Finding(message="the arms have different months", file=str(self.folder)))
        return list(every[0])

    @cached_property
    def _wanted(self) -> Any:
        return _table(self._plan_folder, "runs", self.plan)

    @cached_property
    def keys(self) -> list[str]:
        """Keys of all runs of the plan."""
        return list(self._wanted["key"].to_pylist())

    @cached_property
    def points(self) -> dict[str, NDArray[Any]]:
        """Value of each varied path at each point, None where it is left alone; numbers where all of them are."""
        table = _table(self._plan_folder, "points", self.plan)
        found = {}
        for path in table.column_names[1:]:
            values = [json.loads(text) if text else None for text in table[path].to_pylist()]
            plain = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
            found[path] = np.array(values, np.float64) if plain else _objects(values)
        return found

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of arms, points and replicates."""
        return len(self.arms), int(self.plan["points"]), int(self.plan["replicates"])

    @cached_property
    def _row_of(self) -> Whole:
        """Row of each run of the plan, -1 where there is none."""
        rows = self._rows[0]
        return np.array([rows.get(key, -1) for key in self.keys], np.int64)

    @cached_property
    def done(self) -> Whole:
        """Numbers of the runs that are done; series and windows are about these, in this order."""
        row = self._row_of
        known = np.flatnonzero(row >= 0)
        return known[self._rows[1][row[known]]]

    @cached_property
    def made_by(self) -> dict[str, list[str]]:
        """Of the software and machines that made the runs, what was not the same for all of them."""
        used = {self._names[receipt] for receipt in np.unique(self._rows[2][self._row_of[self.done]])}
        kinds = {tuple(sorted(self.receipts[name].made_by.items())) for name in used}
        values: dict[str, set[str]] = {}
        for kind in kinds:
            for name, value in kind:
                values.setdefault(name, set()).add(value)
        return {name: sorted(found) for name, found in sorted(values.items()) if len(found) > 1}

    @property
    def complete(self) -> bool:
        """Whether every run of the plan is done."""
        return len(self.done) == len(self.keys)

    @cached_property
    def runs(self) -> Any:
        """One row a run of the plan: number, arm, point, replicate, key, status, digests, cost, and why it failed."""
        rows = self._row_of.tolist()
        wanted = self._wanted

        def words(name: str, empty: str = "") -> Any:
            values = self._flat(name)
            return texts([values[row] if row >= 0 else empty for row in rows])

        def reals(name: str) -> Any:
            values = self._flat(name)
            found = (values[row] if row >= 0 else None for row in rows)
            return numbers(np.array([np.nan if value is None else value for value in found], np.float64))

        return pa.table(
            {
                "index": numbers(np.arange(len(rows), dtype=np.int64)),
                **{name: wanted[name].combine_chunks() for name in ("arm", "point", "replicate", "key")},
                "seed": numbers(np.full(len(rows), self.plan["seed"], np.int64)),
                "status": words("status", MISSING),
                **{name: words(name) for name in ("digest", "outcome")},
                **{name: reals(name) for name in ("loop_gain", "seconds", "memory_mb")},
                **{name: words(name) for name in ("stage", "exception", "message")},
            }
        )

    def lies(self, index: int) -> Lies:
        """Where a run that is done lies."""
        row = self._row_of[index]
        return Lies(self._names[self._rows[2][row]], int(self._rows[3][row]))

    @cached_property
    def _names(self) -> list[str]:
        return list(self.receipts)

    def series(self, metric: str, place: str) -> tuple[Whole, Whole]:
        """A metric in a place, [run, month], and the numbers of the runs."""
        at = self._place(place)
        found = np.zeros((len(self.done), len(self.months)), np.int64)

        def keep(rows: Whole, values: Whole) -> None:
            found[rows] = values[:, :, at]

        self._each(metric, keep)
        return found, self.done

    def window(self, metric: str, places: Sequence[str], window: str | tuple[str, str]) -> Whole:
        """One number a run that is done: over places and months as the metric declares.

        `window` is the name of one of the plan's, or its first and last month; a mean over places takes one place.
        """
        start, end = self._window(window)
        about = self.describe(metric)
        if about["over_places"] == "mean" and len(places) != 1:
            raise InputError(
                Finding(message="this metric is a mean over places: they cannot be added up", path=metric,
                        found=", ".join(places), allowed="one place")
            )  # fmt: skip
        at = [self._place(place) for place in places]
        months = slice(self._month(start), self._month(end) + 1)
        found = np.zeros(len(self.done), np.int64)

        def keep(rows: Whole, values: Whole) -> None:
            some = values[:, months][:, :, at].sum(axis=2)
            found[rows] = some.sum(axis=1) if about["reduce"] == "sum" else some[:, -1]

        self._each(metric, keep)
        return found

    def cube(self, values: NDArray[Any]) -> Reals:
        """Values of the runs that are done as [arm, point, replicate]; not a number where there is no run."""
        whole = np.full(len(self.keys), np.nan)
        whole[self.done] = values
        return whole.reshape(self.shape)

    def describe(self, metric: str) -> dict[str, str]:
        """Unit, reduction and meaning of a metric."""
        for one in self.plan["metrics"]:
            if one["name"] == metric:
                return dict(one)
        raise InputError(
            Finding(message="no such metric in this store", file=str(self.folder), path=metric,
                    allowed=", ".join(self.metrics))
        )  # fmt: skip

    def _place(self, key: str) -> int:
        if key not in self.places:
            raise InputError(
                Finding(message="no such place in this store", file=str(self.folder), path=key,
                        allowed=", ".join(self.places))
            )  # fmt: skip
        return self.places.index(key)

    def _month(self, label: str) -> int:
        if label not in self.months:
            raise InputError(
                Finding(message="no such month in this store", file=str(self.folder), found=label,
                        allowed=f"{self.months[0]} to {self.months[-1]}")
            )  # fmt: skip
        return self.months.index(label)

    def _window(self, window: str | tuple[str, str]) -> tuple[str, str]:
        if isinstance(window, tuple):
            return window
        known: Mapping[str, Any] = self.plan["windows"]
        if window not in known:
            raise InputError(
                Finding(message="no such window in this experiment", file=str(self.folder), path=window,
                        allowed=", ".join(known))
            )  # fmt: skip
        return known[window]["start"], known[window]["end"]

    def _each(self, metric: str, keep: Callable[[Whole, Whole], None]) -> None:
        """Calls `keep(rows of the result, [run, month, place])` part by part, several at a time."""
        self.describe(metric)
        try:
            self._each_now(metric, keep)
        except GoneError:  # moved into a larger part since the store was opened
            self._look_again()
            self._each_now(metric, keep)

    def _look_again(self) -> None:
        """Where the runs lie now; which of them are done stays as it was."""
        self.done  # noqa: B018 - settled before the receipts are others
        self.receipts = _receipts(Store(self.folder))
        for name in ("_rows", "_row_of", "_names"):
            self.__dict__.pop(name, None)

    def _each_now(self, metric: str, keep: Callable[[Whole, Whole], None]) -> None:
        row = self._row_of[self.done]
        receipt, at = self._rows[2][row], self._rows[3][row]
        order = np.argsort(receipt, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(receipt[order])) + 1) if order.size else []

        def one(rows: Whole) -> None:
            name = self._names[receipt[rows[0]]]
            values = read_part(Store(self.folder).part(name), self.receipts[name], [metric])
            keep(rows, values[at[rows], 0])

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for _ in threads.map(one, groups):
                pass


def open_store(folder: Path | str) -> Stored:
    """The newest plan of a store with its runs; StoreError if it is none, damaged, or of a newer format."""
    store = Store.open(Path(folder))
    plan_folder, plan = newest_plan(store)
    return Stored(store.folder, plan, _receipts(store), plan_folder)


def _receipts(store: Store) -> dict[str, Receipt]:
    problems: list[str] = []
    found = {receipt.id: receipt for receipt in store.receipts(problems)}
    if problems:
        raise StoreError("\n".join(problems), remedy=AGAIN)
    return found


def newest_plan(store: Store) -> tuple[Path, dict[str, Any]]:
    """Folder and content of the plan that was asked for last; StoreError if none can be read."""
    found = list(_plans(store))
    if not found:
        raise StoreError(f"{store.folder}: no experiment was run here", remedy=AGAIN)
    return max(found, key=lambda one: (one[1]["number"], one[0].name))


def _plans(store: Store) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((store.folder / "plans").glob("[!.]*/plan.json")):
        yield path.parent, unsealed(path)


def _table(folder: Path, name: str, plan: Mapping[str, Any]) -> Any:
    path = folder / f"{name}.parquet"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})", remedy=AGAIN) from error
    if digest(content) != plan["files"][name]:
        raise StoreError(f"{path}: damaged: its content is not what was written", remedy=AGAIN)
    return table_of(content)


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    found = np.empty(len(values), object)
    found[:] = values
    return found

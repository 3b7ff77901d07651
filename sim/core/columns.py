"""Populations as columns: one array per state variable, rows that come and go, identities that last.

A row is where an entity lives now and may be used again after it is gone; its `uid` (lineage) is who it is and
never comes back. Nothing that decides an outcome may depend on a row number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.core.compiled import kernel

Rows = NDArray[np.int64]
Array = NDArray[Any]


@dataclass(frozen=True)
class Column:
    """One state variable: its type, unit, meaning, and the population it refers to if it holds rows.

    A value of the living below `low` or not `finite` stops the run.
    """

    dtype: DTypeLike
    unit: str
    doc: str
    refers: str | None = None
    low: float | None = None
    finite: bool = True


@kernel
def _bury(alive, rows):  # type: ignore[no-untyped-def]
    for k in range(rows.size):
        if not alive[rows[k]]:
            for done in rows[:k]:
                alive[done] = True
            return False
        alive[rows[k]] = False
    return True


class Population:
    """A struct of arrays. `pop.capital` is the column over all rows in use; `pop.rows` are the living ones."""

    def __init__(self, name: str, schema: Mapping[str, Column], capacity: int = 16) -> None:
        own = {"uid": Column(np.uint64, "1", "identity"), "alive": Column(np.bool_, "1", "whether it exists")}
        self.name = name
        self.schema: dict[str, Column] = {**own, **schema}
        taken = {c for c in self.schema if hasattr(type(self), c) or c.startswith("_")} | (own.keys() & schema.keys())
        if clash := taken | self.schema.keys() & {"name", "schema", "entered", "left", "used"}:
            raise ValueError(f"{name}: a column cannot be called {', '.join(sorted(clash))}")
        self.used = 0
        self.entered = 0
        self.left = 0
        self._free: Rows = np.empty(0, np.int64)
        self._data: dict[str, Array] = {k: np.zeros(capacity, c.dtype) for k, c in self.schema.items()}
        self._touched: set[str] | None = None

    def __getattr__(self, column: str) -> Array:
        """A column over the rows in use. Reached only while no view of it is kept as an attribute."""
        data = self.__dict__.get("_data")
        if data is None or column not in data:
            raise AttributeError(f"{self.__dict__.get('name', 'population')} has no column {column!r}")
        array: Array = data[column][: self.used]
        if self._touched is not None:
            self._touched.add(f"{self.name}.{column}")
        else:
            self.__dict__[column] = array
        return array

    def _renew_views(self) -> None:
        for column in self.schema:
            self.__dict__.pop(column, None)

    def __len__(self) -> int:
        return self.entered - self.left

    def columns(self) -> Iterator[tuple[str, Array]]:
        """Every column over the rows in use, in declaration order."""
        for name in self.schema:
            yield name, self._data[name][: self.used]

    @property
    def rows(self) -> Rows:
        """Rows of the living."""
        return np.flatnonzero(self.alive)

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self._data.values())

    def grow(self, uid: NDArray[np.uint64], **values: Any) -> Rows:
        """Add entities and return their rows; each column is given as an array or one value, the rest is 0."""
        unknown = values.keys() - self.schema.keys()
        if unknown:
            raise KeyError(f"{self.name} has no column {sorted(unknown)}")
        n = len(uid)
        if n == 0:
            return np.empty(0, np.int64)
        reused = self._free[:n]
        self._free = self._free[n:]
        fresh = np.arange(self.used, self.used + n - reused.size)
        self._reserve(self.used + fresh.size)
        self.used += fresh.size
        rows = np.concatenate([reused, fresh])
        for name, array in self._data.items():
            if name in values:
                array[rows] = values[name]
            elif reused.size:
                array[reused] = 0
        self._data["uid"][rows] = uid
        self._data["alive"][rows] = True
        if "serial" in self._data:  # a number that outlives rows: how many came before
            self._data["serial"][rows] = np.arange(self.entered, self.entered + n)
        self.entered += n
        if fresh.size:
            self._renew_views()
        return rows

    def retire(self, rows: Rows) -> None:
        """Remove entities; each must be alive and named once."""
        if not rows.size:
            return
        if not _bury(self._data["alive"], rows):
            raise ValueError(f"{self.name}: only the living can be retired, and only once")
        self.left += rows.size
        self._free = np.concatenate([self._free, rows])

    def permute(self, order: Rows) -> None:
        """Move row order[k] to k; the columns of others that refer here are the caller's to renew."""
        for name, array in self._data.items():
            self._data[name][: self.used] = array[: self.used][order]
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        self._free = place[self._free]
        self._renew_views()

    def audit(self, touched: set[str] | None) -> None:
        """Note in `touched` which columns are asked for, until called again with None."""
        self._touched = touched
        self._renew_views()

    def _reserve(self, size: int) -> None:
        capacity = self._data["uid"].size
        if size <= capacity:
            return
        capacity = max(size, capacity + capacity // 2)
        for name, array in self._data.items():
            larger = np.zeros(capacity, array.dtype)
            larger[: self.used] = array[: self.used]
            self._data[name] = larger

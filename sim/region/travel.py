"""Hours between zones by month: a rule of distance, overridden by dated times, closed over shortest paths.

A time counts in a month when its line is open on the month's first day, so that nothing acts before it
exists. The many months of a run share few sets of open lines; each set is solved once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.region.grid import Floats, great_circle_km, read_only

MODES = ("rail", "road")
RAIL = ("actual", "frozen", "all_early")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
FROZEN_AT = "2016-01"


@dataclass(frozen=True)
class Rule:
    """Hours where nothing better is known: `access_h + km / speed_km_h`, never below `floor_h`."""

    access_h: float
    speed_km_h: float
    floor_h: float

    def hours(self, lon: Floats, lat: Floats) -> Floats:
        km = great_circle_km(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
        hours = np.maximum(self.floor_h, self.access_h + km / self.speed_km_h)
        np.fill_diagonal(hours, self.floor_h)
        return hours


@dataclass(frozen=True)
class Link:
    """One sourced or assumed time between two zones, with the dates between which it holds."""

    a: int
    b: int
    minutes: float
    valid_from: str | None
    valid_to: str | None
    mode: str
    source: str
    grade: str
    note: str

    def in_force(self, month: str) -> bool:
        first = month + "-01"
        starts = _padded(self.valid_from or "0001", "-01-01")
        ends = _padded(self.valid_to or "9999", "-12-31")
        return starts <= first <= ends


def _padded(date: str, year_end: str) -> str:
    """A date written as YYYY or YYYY-MM made a full one, by the end of a text such as `-12-31`."""
    return date + year_end[len(date) - 4 :]


@dataclass(frozen=True, eq=False)
class Travel:
    """The travel times of a region under every treatment of its railways."""

    rule: Rule
    lon: Floats
    lat: Floats
    links: tuple[Link, ...]
    _solved: dict[tuple[int, ...], Floats] = field(default_factory=dict, repr=False)

    def hours(self, month: str, rail: str = "actual", frozen_at: str = FROZEN_AT) -> Floats:
        """Hours between all zones; `frozen` stops railways at a month, `all_early` opens all at once."""
        return self._solve(self._open(month, rail, frozen_at))

    def hours_by_month(
        self, months: Sequence[str], rail: str = "actual", frozen_at: str = FROZEN_AT
    ) -> tuple[NDArray[np.int64], Floats]:
        """For each month the number of its matrix, and the stack of the distinct matrices."""
        keys = [self._open(month, rail, frozen_at) for month in months]
        number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
        index = np.array([number[key] for key in keys], dtype=np.int64)
        zones = len(self.lon)
        stack = np.stack([self._solve(key) for key in number]) if number else np.empty((0, zones, zones))
        return read_only(index), read_only(stack)

    def _open(self, month: str, rail: str, frozen_at: str) -> tuple[int, ...]:
        for text in (month, frozen_at):
            if not MONTH.fullmatch(text):
                raise ValueError(f"a month is written YYYY-MM, not {text!r}")
        if rail not in RAIL:
            raise ValueError(f"rail is one of {', '.join(RAIL)}, not {rail!r}")
        railways_at = {"actual": month, "frozen": min(month, frozen_at), "all_early": "9999-12"}[rail]
        return tuple(
            index
            for index, link in enumerate(self.links)
            if link.in_force(railways_at if link.mode == "rail" else month)
        )

    def _solve(self, key: tuple[int, ...]) -> Floats:
        if key not in self._solved:
            self._solved[key] = read_only(self._closed(key))
        return self._solved[key]

    def _closed(self, key: tuple[int, ...]) -> Floats:
        hours = self.rule.hours(self.lon, self.lat)
        fastest: dict[tuple[int, int], float] = {}
        for link in (self.links[index] for index in key):
            pair = (min(link.a, link.b), max(link.a, link.b))
            fastest[pair] = min(fastest.get(pair, np.inf), max(self.rule.floor_h, link.minutes / 60))
        for (a, b), time in fastest.items():
            hours[a, b] = hours[b, a] = time
        for middle in range(len(hours)):  # Floyd and Warshall's shortest paths
            hours = np.minimum(hours, hours[:, middle, None] + hours[None, middle, :])
        np.fill_diagonal(hours, self.rule.floor_h)
        return hours

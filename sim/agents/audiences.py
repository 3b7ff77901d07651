"""Audiences: the manufacturers that a technology concerns and that do not want it yet, in the order in which they will.

Each has a keyed threshold of cumulated hazard, drawn once. They are listed once, by technology, zone and threshold, so
that a month costs what happens in it: in each zone the hazard grows, and the list is read on as far as it reaches.
Firms are known by their serial number, which outlives rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel


@dataclass
class Audiences:
    """Lists by technology (its serial number) and zone; `used` technologies and `listed` firms are in use."""

    hazard: NDArray[np.float64]
    "Cumulated hazard [technology, zone]."
    adopters: NDArray[np.int64]
    "Manufacturers that have it, or would have it if they were still there [technology, zone]."
    concerned: NDArray[np.int64]
    "Manufacturers that it concerned when it was new, the pioneer among them [technology, zone]."
    next: NDArray[np.int64]
    "Where the rest of each list begins [technology, zone]."
    end: NDArray[np.int64]
    "Where each list ends [technology, zone]."
    firm: NDArray[np.int32]
    "Serial numbers of the firms listed."
    threshold: NDArray[np.float64]
    "Hazard at which each wants the technology."
    near: NDArray[np.float64]
    "How adopters in each zone weigh for firms of another [zone of the firm, zone of the adopters]."
    reach: NDArray[np.float64]
    "All concerned, so weighed: what adopters are a share of [technology, zone of the firm]."
    used: int = 0
    listed: int = 0
    reached: int = 0
    "Technologies whose `reach` is known."

    @classmethod
    def none(cls, zones: int) -> Audiences:
        """Of a region of so many zones, before there is any technology."""
        return cls(
            hazard=np.zeros((16, zones)),
            adopters=np.zeros((16, zones), np.int64),
            concerned=np.zeros((16, zones), np.int64),
            next=np.zeros((16, zones), np.int64),
            end=np.zeros((16, zones), np.int64),
            firm=np.zeros(1024, np.int32),
            threshold=np.zeros(1024),
            near=np.zeros((zones, zones)),
            reach=np.zeros((16, zones)),
        )

    def enlist(
        self,
        technologies: int,
        technology: NDArray[Any],
        zone: NDArray[Any],
        firm: NDArray[Any],
        threshold: NDArray[np.float64],
    ) -> None:
        """List who is concerned by the next `technologies`, each firm with the ordinal of its technology among them."""
        zones = self.hazard.shape[1]
        first, self.used = self.used, self.used + technologies
        for name in ("hazard", "adopters", "concerned", "next", "end", "reach"):
            setattr(self, name, _room(getattr(self, name), self.used))
        group = technology.astype(np.int64) * zones + zone
        order = np.argsort(group + threshold / (1.0 + threshold))
        count = np.bincount(group, minlength=technologies * zones)
        new = slice(first, self.used)
        self.end[new] = (self.listed + np.cumsum(count)).reshape(technologies, zones)
        self.next[new] = self.end[new] - count.reshape(technologies, zones)
        self.concerned[new] = count.reshape(technologies, zones)
        start, self.listed = self.listed, self.listed + firm.size
        self.firm, self.threshold = _room(self.firm, self.listed), _room(self.threshold, self.listed)
        self.firm[start : self.listed] = firm[order]
        self.threshold[start : self.listed] = threshold[order]

    def advance(
        self, near: NDArray[np.float64], innovation: float, imitation: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """Let a month pass, with both rates for a month: the serial of each technology that is now wanted, in which
        zone, and the serial of the firm that wants it.

        `near[a, b]` weighs the adopters in zone b for a firm in zone a.
        """
        first = 0 if (near != self.near).any() else self.reached
        by_adopters = near.T.copy()  # the compiled loops run along the zones of the firms
        _weigh_all(by_adopters, self.concerned[first : self.used], self.reach[first : self.used])
        self.near, self.reached = near, self.used
        passed: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]] = _accrue(
            by_adopters, innovation, imitation, self.hazard, self.adopters, self.reach, self.next[: self.used],
            self.end, self.threshold, self.firm,
        )  # fmt: skip
        return passed


def _room(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The array, or a larger one that begins with it."""
    if size <= len(array):
        return array
    larger = np.zeros((max(size, 2 * len(array)), *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger


@kernel
def _weigh(near, number, out):  # type: ignore[no-untyped-def]
    """Firms by zone as they weigh together for those of each zone; `near` comes by zone of the weighed first."""
    zones = number.size
    out[:] = 0.0
    for other in range(zones):
        if number[other]:
            for z in range(zones):
                out[z] += near[other, z] * number[other]


@kernel
def _weigh_all(near, number, out):  # type: ignore[no-untyped-def]
    """The same for each technology."""
    for t in range(len(number)):
        _weigh(near, number[t], out[t])


@kernel
def _accrue(near, innovation, imitation, hazard, adopters, reach, start, end, threshold, firm):  # type: ignore[no-untyped-def]
    """Add p + q n to the hazard of every list with somebody left, and read each on as far as it reaches.

    Returns technology, zone and firm of all that was read.
    """
    technologies, zones = start.shape
    have = np.empty(zones)
    number = np.zeros((technologies, zones), np.int64)
    for t in range(technologies):
        left = False
        for z in range(zones):
            left |= start[t, z] < end[t, z]
        if not left:
            continue
        _weigh(near, adopters[t], have)
        for z in range(zones):
            if start[t, z] < end[t, z]:
                hazard[t, z] += innovation + imitation * have[z] / reach[t, z]
                at = start[t, z]
                while at < end[t, z] and threshold[at] < hazard[t, z]:
                    at += 1
                number[t, z] = at - start[t, z]
    total = number.sum()
    technology = np.empty(total, np.int64)
    zone = np.empty(total, np.int64)
    wanted_by = np.empty(total, np.int32)
    n = 0
    for t in range(technologies):
        for z in range(zones):
            for _ in range(number[t, z]):
                technology[n] = t
                zone[n] = z
                wanted_by[n] = firm[start[t, z]]
                start[t, z] += 1
                n += 1
    return technology, zone, wanted_by

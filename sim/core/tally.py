"""Counters of a month: how often something happened, where, between which places, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.core.counting import count_at

Counts = NDArray[np.int64]


@kernel
def _count(count, place, number):  # type: ignore[no-untyped-def]
    for i in range(place.size):
        count[place[i]] += number


@kernel
def _add(count, place, amount):  # type: ignore[no-untyped-def]
    for i in range(place.size):
        count[place[i]] += amount[i]


@kernel
def _move(moved, origin, target, yuan):  # type: ignore[no-untyped-def]
    for i in range(origin.size):
        moved[origin[i], target[i], 0] += 1
        moved[origin[i], target[i], 1] += yuan[i]


BINS = 128
"Bins of a histogram: half octaves up to 2^64, or years."


class Tally:
    """A channel: contributions add up in any order, and start at zero each month."""

    def __init__(self, names: Sequence[str], moves: Sequence[str], histograms: Sequence[str], places: int) -> None:
        self.names = {name: k for k, name in enumerate(names)}
        self.moves = {name: k for k, name in enumerate(moves)}
        self.histograms = {name: k for k, name in enumerate(histograms)}
        self.places = places
        self.count: Counts = np.zeros((len(names), places), np.int64)
        self.moved: Counts = np.zeros((len(moves), places + 1, places + 1, 2), np.int64)
        self.binned: Counts = np.zeros((len(histograms), places, BINS), np.int64)

    def begin_month(self) -> None:
        self.count[:] = 0
        self.moved[:] = 0
        self.binned[:] = 0

    def add(self, name: str, place: NDArray[Any], amount: NDArray[np.int64] | int = 1) -> None:
        """Count `amount` at each place given."""
        if place.size:
            (_add if isinstance(amount, np.ndarray) else _count)(self.count[self.names[name]], place, amount)

    def move(
        self, name: str, origin: NDArray[Any], target: NDArray[Any], yuan: NDArray[np.int64] | None = None
    ) -> None:
        """Count a movement between places (`places` itself stands for elsewhere), and what it is worth."""
        if origin.size:
            _move(
                self.moved[self.moves[name]], origin, target, np.zeros(origin.size, np.int64) if yuan is None else yuan
            )

    def bin(self, name: str, place: NDArray[Any], bins: NDArray[Any]) -> None:
        """Count one in a bin of a histogram at each place given; what is beyond the last bin counts in it."""
        count_at(self.binned[self.histograms[name]], place, np.minimum(bins, BINS - 1))

    def get(self, name: str) -> Counts:
        """This month's count in each place."""
        return self.count[self.names[name]]

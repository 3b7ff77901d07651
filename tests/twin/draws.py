"""Keyed draws of single things: one uniform, one normal, one count, one race."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from sim.core import streams

Named = TypeVar("Named")


class Draws:
    """The draws of one run: who decides (`uid`), what (`purpose`) and when (`month`) say which number it is."""

    def __init__(self, key: np.uint64) -> None:
        self.key = key
        self.code = streams.purposes()

    def uniform(self, purpose: str, uid: int, month: int = 0, draw: int = 0) -> float:
        return streams.u01(self.key, self.code[purpose], np.uint64(uid), month, draw)

    def normal(self, purpose: str, uid: int, month: int = 0) -> float:
        return streams.normal_quantile(self.uniform(purpose, uid, month))

    def poisson(self, purpose: str, uid: int, month: int, mean: float) -> int:
        """Smallest k whose cumulative probability reaches the uniform."""
        u = self.uniform(purpose, uid, month)
        probability = reached = math.exp(-mean)
        k = 0
        while reached < u:
            k += 1
            probability *= mean / k
            reached += probability
        return k

    def race(self, purpose: str, uid: int, month: int, weights: Sequence[float]) -> int | None:
        """The alternative whose exponential waiting time is shortest; two alternatives share a call of Philox."""
        winner, shortest = None, math.inf
        for k, weight in enumerate(weights):
            if weight <= 0:
                continue
            u = streams.u01_pair(self.key, self.code[purpose], np.uint64(uid), month, k // 2)[k % 2]
            wait = -math.log(u) / weight
            if wait < shortest:
                winner, shortest = k, wait
        return winner

    def race_of(self, purpose: str, uid: int, month: int, weights: Mapping[int, float]) -> int | None:
        """The same among alternatives that have an identity of their own: uid of each -> weight."""
        winner, shortest = None, math.inf
        for other, weight in sorted(weights.items()):
            if weight <= 0:
                continue
            wait = -math.log(self.uniform(purpose, child(uid, other), month)) / weight
            if wait < shortest:
                winner, shortest = other, wait
        return winner


def child(uid: int, number: int) -> int:
    """The identity of what is born of `uid`, or of a pair."""
    return int(streams.mix(np.uint64(uid), np.uint64(number)))


# The fast code rounds money that NumPy's functions have computed; the last bit of these differs from libm's, so the
# twin takes the same functions, one number at a time. Nothing else of NumPy is used in the rules.


def exp(x: float) -> float:
    return float(np.exp(np.float64(x)))


def log(x: float) -> float:
    return float(np.log(np.float64(x)))


def power(x: float, y: float) -> float:
    return float(np.float64(x) ** np.float64(y))

"""Keyed draws: a random number is a function of what it decides, never of who asks for it, or when, or how often.

The number that decides `purpose` for the entity `uid` in a month is one word of Philox4x32-10 (Salmon et al. 2011), a
block cipher run on a counter: encrypt (entity, month and draw, purpose) under the key of the run. There is no state
that could be advanced, so the order in which agents act cannot matter, and two policies share their luck.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from operator import mul
from statistics import NormalDist
from typing import TypeVar

EPOCH = 1
WORD = 0xFFFFFFFF
LONG = 0xFFFFFFFFFFFFFFFF
NEVER = 30_000
"A month that no run reaches."

Named = TypeVar("Named")


class Draws:
    """All the random numbers of one replicate."""

    def __init__(self, seed: int, replicate: int) -> None:
        digest = hashlib.blake2b(f"{EPOCH}:{seed}:{replicate}".encode(), digest_size=8).digest()
        key = int.from_bytes(digest, "little")
        low, high = key & WORD, key >> 32
        self._keys = [((low + n * 0x9E3779B9) & WORD, (high + n * 0xBB67AE85) & WORD) for n in range(10)]

    def pair(self, purpose: str, uid: int, month: int = 0, draw: int = 0) -> tuple[float, float]:
        """Two independent uniforms in the open interval (0, 1)."""
        a, b, c, d = uid & WORD, uid >> 32, (month & 0xFFFF) << 16 | draw & 0xFFFF, code_of(purpose)
        for one, other in self._keys:  # ten rounds of Philox
            left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = right >> 32 ^ b ^ one, right & WORD, left >> 32 ^ d ^ other, left & WORD
        return _open_interval(a, b), _open_interval(c, d)

    def uniform(self, purpose: str, uid: int, month: int = 0, draw: int = 0) -> float:
        """One uniform in the open interval (0, 1)."""
        return self.pair(purpose, uid, month, draw)[0]

    def happens(self, chance: float, purpose: str, uid: int, month: int = 0) -> bool:
        """Whether an event of this chance happens."""
        return self.uniform(purpose, uid, month) < chance

    def normal(self, purpose: str, uid: int, month: int = 0) -> float:
        """One standard normal, by the inverse of its distribution function."""
        return normal_quantile(self.uniform(purpose, uid, month))

    def poisson(self, purpose: str, uid: int, month: int, mean: float) -> int:
        """A Poisson count: the smallest k whose cumulative probability reaches the uniform.

        exp(-mean) is too small a number for a large mean. Then only counts within twelve standard deviations are
        looked at, and their probabilities measured in that of the first.
        """
        u = self.uniform(purpose, uid, month)
        if mean <= 500:
            least, first, whole = 0, math.exp(-mean), 1.0
        else:
            spread = 12 * math.sqrt(mean)
            least, first = int(mean - spread), 1.0
            likely = range(least + 1, int(mean + spread) + 41)
            whole = math.fsum(accumulate((mean / k for k in likely), mul, initial=first))
        k, probability, reached = least, first, first
        while reached < u * whole:
            k += 1
            probability *= mean / k
            reached += probability
        return k

    def months_until(self, hazard: float, purpose: str, uid: int) -> int:
        """Months until an event of this monthly hazard: geometric, at least 1."""
        return geometric_quantile(self.uniform(purpose, uid), hazard)

    def race(self, purpose: str, uid: int, month: int, weights: Sequence[float]) -> int | None:
        """Choose k with probability weights[k] / sum; None if there is nothing to choose.

        Each alternative arrives after an exponential time with its weight as the rate, and the first one wins. The
        times are keyed by the alternative's own number, so a change of one weight moves only choices towards it or
        away from it. Two neighbouring alternatives share a call of Philox.
        """
        winner, first = None, math.inf
        for k, weight in enumerate(weights):
            if weight > 0:
                arrival = -math.log(self.pair(purpose, uid, month, k // 2)[k % 2]) / weight
                if arrival < first:
                    winner, first = k, arrival
        return winner

    def race_of(self, purpose: str, uid: int, month: int, weights: Mapping[int, float]) -> int | None:
        """The same among entities: uid of each -> weight; the pair of chooser and chosen keys the time."""
        winner, first = None, math.inf
        for other, weight in sorted(weights.items()):
            if weight > 0:
                arrival = -math.log(self.uniform(purpose, child(uid, other), month)) / weight
                if arrival < first:
                    winner, first = other, arrival
        return winner


def child(uid: int, number: int) -> int:
    """The identity of what is born of `uid`, or of an ordered pair: a hash (splitmix64) of the two."""
    x = uid ^ (number * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & LONG
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & LONG
    x = (x ^ x >> 27) * 0x94D049BB133111EB & LONG
    return x ^ x >> 31


def normal_quantile(u: float) -> float:
    return NormalDist().inv_cdf(u)


def geometric_quantile(u: float, hazard: float) -> int:
    """Months until an event of constant monthly hazard, at least 1."""
    if hazard <= 0.0:
        return NEVER
    if hazard >= 1.0:
        return 1
    return min(max(math.ceil(math.log(1.0 - u) / math.log1p(-hazard)), 1), NEVER)


@cache
def code_of(purpose: str) -> int:
    """A purpose is known by the hash of its name, so that a new one cannot shift the others."""
    return int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=4).digest(), "little")


def _open_interval(high: int, low: int) -> float:
    """(k + 1/2) / 2^52, with k the first 52 bits of two words."""
    return (2 * (high << 20 | low >> 12) + 1) / 2**53

"""Designs: which points are computed, each by its number alone.

    grid              all combinations of the values of each axis
    list              the points as they are written
    latin_hypercube   `size` points, each with a stratum of its own on every axis; another size is another design
    sobol             the first `size` points of a Sobol' sequence: a larger size only adds points
    morris            `size` trajectories over 8 levels, which move one axis after the other by half its distribution
    saltelli          `size` blocks of points for Sobol' indices: A, A with one axis (or group) from B, ..., B

Points know nothing of arms, replicates or order: run 7 of 100 can be computed alone. Axes that are drawn from are
taken in alphabetical order, so that the order of lines in a file changes nothing.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.experiments.priors import Prior

Reals = NDArray[np.float64]
Kind = Literal["grid", "list", "latin_hypercube", "sobol", "morris", "saltelli"]

LEVELS = 8
"Of a Morris design: midpoints of eighths, so that no point lies at the end of an unbounded prior."
BITS = 30
BLOCK = 256
DIGITS = 6
"Significant digits of a drawn value: more would tell machines apart, not parameters."


@dataclass(frozen=True)
class Points:
    """The points of a design, computed when asked for; `len` is their number."""

    kind: Kind
    axes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    "Values of each axis of a grid, by path."
    rows: Sequence[Mapping[str, Any]] = ()
    "The points of a list."
    priors: Mapping[str, Prior] = field(default_factory=dict)
    "What each axis is drawn from, by path."
    size: int = 0
    seed: int = 1
    groups: Mapping[str, str] = field(default_factory=dict)
    "Group of each path, where a `saltelli` design moves groups rather than single axes."

    @property
    def paths(self) -> tuple[str, ...]:
        """What is varied."""
        if self.kind == "grid":
            return tuple(self.axes)
        if self.kind == "list":
            return tuple(dict.fromkeys(path for row in self.rows for path in row))
        return tuple(sorted(self.priors))

    @property
    def moved(self) -> tuple[str, ...]:
        """What a block of a `saltelli` design moves one after the other: axes, or groups of them."""
        return tuple(sorted(set(self.groups.values()))) if self.groups else self.paths

    @property
    def block(self) -> int:
        """How many points belong together: a trajectory, a block, or one."""
        return {"morris": len(self.paths) + 1, "saltelli": len(self.moved) + 2}.get(self.kind, 1)

    def __len__(self) -> int:
        if self.kind == "grid":
            return math.prod(len(values) for values in self.axes.values())
        if self.kind == "list":
            return len(self.rows)
        return self.size * self.block

    def point(self, number: int) -> dict[str, Any]:
        """Path -> value at one point; IndexError beyond the last."""
        if not 0 <= number < len(self):
            raise IndexError(f"point {number} of {len(self)}")
        if self.kind == "list":
            return dict(self.rows[number])
        if self.kind == "grid":
            return self._cell(number)
        shares = self.shares(number)
        drawn = ((path, self.priors[path], share) for path, share in zip(self.paths, shares, strict=True))
        return {path: _tidy(float(prior.ppf(share)), prior.whole) for path, prior, share in drawn}

    def shares(self, number: int) -> Reals:
        """Where a drawn point lies in the unit cube: one share of the distribution a path."""
        many = len(self.paths)
        if self.kind == "latin_hypercube":
            return np.array([_stratum(number, self.size, self.seed, path) for path in self.paths])
        if self.kind == "sobol":
            return _sobol(number, many, self.seed)
        block, step = divmod(number, self.block)
        if self.kind == "morris":
            return _trajectory(block, self.paths, self.seed)[step]
        row = _sobol(block, 2 * many, self.seed)
        a, b = row[:many], row[many:]
        if step == 0:
            return a
        if step == self.block - 1:
            return b
        name = self.moved[step - 1]
        return np.where([self.groups.get(path, path) == name for path in self.paths], b, a)

    def as_plain(self) -> dict[str, Any]:
        """Plain values that `from_plain` reads back, for JSON."""
        plain = asdict(self)
        for prior in plain["priors"].values():
            prior["low"], prior["high"] = (x if math.isfinite(x) else None for x in (prior["low"], prior["high"]))
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Points:
        """The points that `as_plain` wrote down."""
        priors = {
            path: Prior(p["family"], tuple(p["numbers"]), p["power"], width=p["width"]).within(
                p["low"], p["high"], p["whole"]
            )
            for path, p in plain["priors"].items()
        }
        return cls(**{**plain, "priors": priors})

    def _cell(self, number: int) -> dict[str, Any]:
        """The last axis runs fastest."""
        values: dict[str, Any] = {}
        for path in reversed(list(self.axes)):
            number, at = divmod(number, len(self.axes[path]))
            values[path] = self.axes[path][at]
        return {path: values[path] for path in self.axes}


def _tidy(value: float, whole: bool) -> float | int:
    return round(value) if whole else float(f"{value:.{DIGITS}g}")


def _bits(*words: object) -> int:
    """64 bits that belong to the words."""
    text = "\0".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _stratum(number: int, size: int, seed: int, path: str) -> float:
    """A place in the stratum that is this point's own on this axis."""
    within = (_bits("place", seed, size, path, number) + 0.5) / 2.0**64
    return (_shuffled(number, size, ("stratum", seed, size, path)) + within) / size


def _shuffled(number: int, size: int, key: tuple[object, ...]) -> int:
    """Where a permutation of `size` numbers sends one of them: a Feistel network, walked until it is inside."""
    half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = number >> half, number & mask
        for turn in range(4):
            left, right = right, left ^ (_bits(*key, turn, right) & mask)
        number = left << half | right
        if number < size:
            return number


def _sobol(number: int, dimensions: int, seed: int) -> Reals:
    """A point of the sequence, shifted digit by digit, which keeps its evenness and leaves no point at 0."""
    whole = _sequence(number // BLOCK, dimensions)[number % BLOCK]
    shift = np.array([_bits("shift", seed, d) >> (64 - BITS) for d in range(dimensions)], np.int64)
    return np.asarray(((whole ^ shift) + 0.5) / 2.0**BITS)


@lru_cache(maxsize=8)
def _sequence(block: int, dimensions: int) -> NDArray[np.int64]:
    """A block of points of the sequence, as whole numbers."""
    from scipy.stats import qmc  # takes most of a second, which other designs are spared

    engine = qmc.Sobol(dimensions, scramble=False, bits=BITS)
    if block:
        engine.fast_forward(block * BLOCK)
    return np.asarray(np.rint(engine.random(BLOCK) * 2.0**BITS), np.int64)


@lru_cache(maxsize=8)
def _trajectory(number: int, paths: tuple[str, ...], seed: int) -> Reals:
    """A random start on the levels, then one axis after the other by half of them, in random order: [step, path]."""
    level = np.array([_bits("start", seed, number, path) % LEVELS for path in paths])
    order = sorted(range(len(paths)), key=lambda k: _bits("order", seed, number, paths[k]))
    steps = [level]
    for k in order:
        level = level.copy()
        level[k] = (level[k] + LEVELS // 2) % LEVELS
        steps.append(level)
    return np.asarray((np.array(steps) + 0.5) / LEVELS)

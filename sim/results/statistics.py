"""Statistics that patterns are told by: inequality, distance decay, tails, clustering, centralisation.

Plain functions of arrays, each one number unless it says otherwise, and not a number where it is undefined.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]

HALF_OCTAVE = math.log(2.0) / 2.0
"Width of a bin of sizes, in natural logarithms."


def theil(amount: ArrayLike, weight: ArrayLike) -> float:
    """Theil's T of amounts relative to weights (people): 0 if each has its share, ln(1/w) if one has all."""
    s, w = (np.asarray(x, np.float64) for x in (amount, weight))
    if s.sum() <= 0 or w.sum() <= 0:
        return math.nan
    s, w = s / s.sum(), w / w.sum()
    some = s > 0
    return float((s[some] * np.log(s[some] / w[some])).sum())


def gini(amount: ArrayLike, weight: ArrayLike) -> float:
    """Gini coefficient of amount per weight over groups, each counted by its weight."""
    s, w = (np.asarray(x, np.float64) for x in (amount, weight))
    if s.sum() <= 0 or w.sum() <= 0:
        return math.nan
    order = np.argsort(s / w)
    x = np.cumsum(w[order]) / w.sum()
    y = np.cumsum(s[order]) / s.sum()
    return float(1.0 - (np.diff(x, prepend=0.0) * (y + np.concatenate([[0.0], y[:-1]]))).sum())


def ppml(count: ArrayLike, x: ArrayLike, group: ArrayLike, rounds: int = 50) -> Reals:
    """Slopes of a Poisson regression (PPML) of counts on the columns of `x`, with a fixed effect for each group.

    The fixed effects are concentrated out: given a group's total, Poisson counts are multinomial, so that the slopes
    are those of a conditional logit (Hausman, Hall and Griliches 1984). Newton's method; the likelihood is concave.
    """
    y, columns = np.asarray(count, np.float64), np.asarray(x, np.float64)
    _, at = np.unique(np.asarray(group), return_inverse=True)
    total = np.bincount(at, y)
    slopes = np.zeros(columns.shape[1])
    for _ in range(rounds):
        eta = columns @ slopes
        top = np.full(total.size, -np.inf)
        np.maximum.at(top, at, eta)
        weight = np.exp(eta - top[at])
        share = weight / np.bincount(at, weight)[at]
        mean = np.stack([np.bincount(at, share * c) for c in columns.T], axis=1)
        apart = columns - mean[at]
        expected = total[at] * share
        gradient = apart.T @ y
        hessian = (apart * expected[:, None]).T @ apart
        if np.linalg.matrix_rank(hessian) < slopes.size:
            return np.full(slopes.size, np.nan)
        step = np.linalg.solve(hessian, gradient)
        slopes += step
        if np.abs(step).max() < 1e-10:
            return slopes
    return np.full(slopes.size, np.nan)


def log_sd(count: ArrayLike) -> float:
    """Standard deviation of the logarithm of sizes counted in half octaves, corrected for the width of the bins."""
    n = np.asarray(count, np.float64)
    if n.sum() < 2:
        return math.nan
    at = np.arange(n.size) * HALF_OCTAVE
    mean = (n * at).sum() / n.sum()
    variance = (n * (at - mean) ** 2).sum() / (n.sum() - 1.0)
    return math.sqrt(max(variance - HALF_OCTAVE**2 / 12.0, 0.0))  # Sheppard


def tail_exponent(count: ArrayLike, share: float = 0.1) -> float:
    """Exponent of a Pareto tail fitted to the largest `share` of sizes counted in half octaves.

    Of a Pareto tail bins in logarithms are geometric, so the maximum likelihood is in closed form (Virkar and Clauset
    2014); the last bins may be cut off by a cap and stay in.
    """
    n = np.asarray(count, np.float64)
    above = n[::-1].cumsum()[::-1]
    first = int(np.flatnonzero(above >= share * n.sum()).max(initial=-1))
    if first < 0 or above[first] < 2:
        return math.nan
    mean = (n[first:] * np.arange(n.size - first)).sum() / above[first]
    return math.log1p(1.0 / mean) / HALF_OCTAVE if mean > 0 else math.inf


def colocation(count: ArrayLike) -> float:
    """How much likelier two of one kind share a place than any two do; `count` is [place, kind]."""
    n = np.asarray(count, np.float64)
    kinds, places, whole = n.sum(axis=0), n.sum(axis=1), n.sum()
    of_one_kind = (kinds * (kinds - 1)).sum()
    together = (places * (places - 1)).sum()
    if of_one_kind <= 0 or together <= 0:
        return math.nan
    return float((n * (n - 1)).sum() / of_one_kind / (together / (whole * (whole - 1))))


def location_quotients(count: ArrayLike) -> Reals:
    """Share of each kind in a place over its share in all; `count` and the answer are [place, kind]."""
    n = np.asarray(count, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((n / n.sum(axis=1, keepdims=True)) / (n.sum(axis=0) / n.sum()))


def join_count(occupied: ArrayLike, neighbours: Whole) -> float:
    """Pairs of neighbouring cells that are both occupied, over what is expected if the occupied ones lay anywhere.

    `neighbours` is [pair, 2].
    """
    taken = np.asarray(occupied, bool)
    n, k = taken.size, int(taken.sum())
    expected = len(neighbours) * k * (k - 1) / (n * (n - 1)) if n > 1 else 0.0
    return float(taken[neighbours].all(axis=1).sum() / expected) if expected > 0 else math.nan


def moran(values: ArrayLike, neighbours: Whole) -> float:
    """Moran's I over pairs of neighbours [pair, 2], plus 1/(n-1), so that 0 is no autocorrelation."""
    x = np.asarray(values, np.float64)
    z = x - x.mean()
    if not z.any() or not len(neighbours):
        return math.nan
    alike = (z[neighbours[:, 0]] * z[neighbours[:, 1]]).mean()
    return float(alike / (z**2).mean() + 1.0 / (x.size - 1))


def centralisation(flow: ArrayLike) -> float:
    """Freeman's centralisation of a network by strength: 1 if it is a star, 0 if all nodes carry as much.

    `flow` is [from, to]; what stays where it is does not count.
    """
    f = np.asarray(flow, np.float64)
    f = f - np.diag(np.diag(f))
    strength = f.sum(axis=0) + f.sum(axis=1)
    if f.sum() <= 0 or strength.size < 3:
        return math.nan
    return float((strength.max() - strength).sum() / ((strength.size - 2) * f.sum()))


@dataclass(frozen=True)
class Bass:
    """A Bass curve: the market, the coefficients of innovation and imitation a year, and the share of variance told."""

    market: float
    p: float
    q: float
    r2: float

    def at(self, t: ArrayLike) -> Reals:
        """Adopters at ages in years."""
        return self.market * bass_share(t, self.p, self.q)


def bass_share(t: ArrayLike, p: float, q: float) -> Reals:
    """Share that has adopted at ages in years: (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t)."""
    gone = np.exp(-(p + q) * np.asarray(t, np.float64))
    return np.asarray((1.0 - gone) / (1.0 + q / p * gone))


def bass(t: ArrayLike, adopters: ArrayLike, weight: ArrayLike) -> Bass:
    """The Bass curve nearest to adopters at ages, by weighted least squares; not a number with fewer than five ages."""
    ages, y, w = (np.asarray(x, np.float64) for x in (t, adopters, weight))
    if ages.size < 5 or y.max() <= 0:
        return Bass(*[math.nan] * 4)

    def off(logs: Reals) -> Reals:
        market, p, q = np.exp(logs)
        return np.asarray(np.sqrt(w / w.sum()) * (market * bass_share(ages, p, q) - y) / y.max())

    starts = [np.log([2.0 * y.max(), p, q]) for p, q in ((0.03, 0.4), (0.003, 0.8), (0.2, 0.05))]
    low, high = np.log([0.1 * y.max(), 1e-6, 1e-6]), np.log([1e4 * y.max(), 5.0, 5.0])
    best = min((least_squares(off, start, bounds=(low, high)) for start in starts), key=lambda fit: float(fit.cost))
    mean = (w * y).sum() / w.sum()
    spread = (w * (y - mean) ** 2).sum() / w.sum() / y.max() ** 2
    market, p, q = np.exp(best.x)
    return Bass(float(market), float(p), float(q), 1.0 - 2.0 * float(best.cost) / spread if spread else math.nan)


def slope(values: ArrayLike) -> float:
    """Least-squares slope of values over equal steps."""
    y = np.asarray(values, np.float64)
    t = np.arange(y.size) - (y.size - 1) / 2.0
    return float((t * y).sum() / (t * t).sum()) if y.size > 1 else math.nan

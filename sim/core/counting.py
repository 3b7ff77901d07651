"""Small compiled passes over columns: which rows are due, how many are where.

Sums over entities are of integers, so that their order is free; cells of the land have an order of their own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel


def rows_due(alive: NDArray[np.bool_], at: NDArray[np.int16], month: int) -> NDArray[np.int64]:
    """Rows of the living whose date `at` is this month."""
    rows = np.flatnonzero(at == month)
    return rows[alive[rows]]


def among(few: NDArray[np.uint64], alive: NDArray[np.bool_], uid: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of a few identities are among the many living."""
    held: NDArray[np.bool_] = _among(few, np.argsort(few), alive, uid)
    return held


@kernel
def _among(few, order, alive, uid):  # type: ignore[no-untyped-def]
    held = np.zeros(few.size, np.bool_)
    ranked = few[order]
    for i in range(uid.size if few.size else 0):
        at = np.searchsorted(ranked, uid[i])
        while alive[i] and at < ranked.size and ranked[at] == uid[i]:
            held[order[at]] = True
            at += 1
    return held


@kernel
def count_where(place, chosen, places):  # type: ignore[no-untyped-def]
    """How many of the chosen rows are in each place; neighbours mostly share one, and would wait for each other."""
    out = np.zeros((4, places), np.int64)
    for i in range(place.size):
        out[i & 3, place[i]] += chosen[i]
    return out.sum(axis=0)


@kernel
def sum_where(amount, chosen):  # type: ignore[no-untyped-def]
    """Whole-number sum of `amount` over the chosen rows."""
    total = 0
    for i in range(amount.size):
        total += amount[i] * chosen[i]
    return total


@kernel
def sum_by(group, amount, groups):  # type: ignore[no-untyped-def]
    """Whole-number sum of `amount` in each group."""
    out = np.zeros(groups, np.int64)
    for i in range(group.size):
        out[group[i]] += amount[i]
    return out


@kernel
def first_of_each(group, turn, groups, most):  # type: ignore[no-untyped-def]
    """Positions of the `most` smallest turns of each group, in their order, and where each group begins among them."""
    held = np.empty((groups, most), np.int64)
    turns = np.empty((groups, most))
    last = np.full(groups, np.inf)  # the turn to beat, once a group is full
    start = np.zeros(groups + 1, np.int64)
    for i in range(group.size):
        g = group[i]
        if turn[i] >= last[g]:
            continue
        at = min(start[g + 1], most - 1)
        start[g + 1] = at + 1
        while at > 0 and turns[g, at - 1] > turn[i]:
            turns[g, at] = turns[g, at - 1]
            held[g, at] = held[g, at - 1]
            at -= 1
        turns[g, at] = turn[i]
        held[g, at] = i
        if start[g + 1] == most:
            last[g] = turns[g, most - 1]
    out = np.empty(start.sum(), np.int64)
    for g in range(groups):
        number = start[g + 1]
        start[g + 1] += start[g]
        out[start[g] : start[g + 1]] = held[g, :number]
    return out, start


def half_octaves(amount: NDArray[Any]) -> NDArray[np.int64]:
    """Bin k holds amounts from 2^(k/2) up to 2^((k+1)/2); what is below 1 is in bin 0. Exact on every machine."""
    mantissa, exponent = np.frexp(np.maximum(amount, 1.0))
    return 2 * (exponent.astype(np.int64) - 1) + (mantissa >= math.sqrt(0.5))


@kernel
def count_at(out, where, which):  # type: ignore[no-untyped-def]
    """Add 1 to `out[where, which]` for each pair, however often it occurs."""
    for i in range(where.size):
        out[where[i], which[i]] += 1


@kernel
def count_in(out, where):  # type: ignore[no-untyped-def]
    """Add 1 to `out[where]` for each place, however often it occurs."""
    for i in range(where.size):
        out[where[i]] += 1


@kernel
def sum_cells(place, table, places):  # type: ignore[no-untyped-def]
    """Sum over all cells of a place and all columns of a table [cell, column]."""
    out = np.zeros(places)
    for c in range(place.size):
        total = out[place[c]]
        for f in range(table.shape[1]):
            total += table[c, f]
        out[place[c]] = total
    return out

"""A few functions of one number.

The fast code rounds money that NumPy's functions have computed. The last bit of these may differ from that of the
`math` library, so the twin takes the same functions, one number at a time. Nothing else of NumPy is used in its rules.
"""

from __future__ import annotations

import math

import numpy as np

MILLION = 1_000_000


def exp(x: float) -> float:
    return float(np.exp(x))


def log(x: float) -> float:
    return float(np.log(x)) if x > 0.0 else -math.inf


def power(x: float, y: float) -> float:
    return float(np.power(x, y))


def logistic(odds: float) -> float:
    """The chance whose log odds are given."""
    return 1.0 / (1.0 + exp(-odds))


def chance_of(hazard: float) -> float:
    """Chance that an event of cumulated hazard `hazard` has happened."""
    return -math.expm1(-hazard)


def yuan(amount: float) -> int:
    """Money is whole yuan: an amount is rounded once, halves to the even number."""
    return round(amount)


def share_due(total: int, months: int) -> int:
    """One of `months` equal instalments of a total, rounded up."""
    return -(-total // months)

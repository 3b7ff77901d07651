"""Months and dates, and the only place where an annual number becomes a monthly one."""

from __future__ import annotations

import math
from dataclasses import dataclass

MONTHS_PER_YEAR = 12


def monthly_hazard(rate: float) -> float:
    """Chance of an event in a month from a constant annual rate (per year, >= 0)."""
    return -math.expm1(-rate / MONTHS_PER_YEAR)


def monthly_chance(share: float) -> float:
    """Chance in a month from the share of a population to which it happens within a year (0..1)."""
    return 1.0 - (1.0 - share) ** (1.0 / MONTHS_PER_YEAR)


def monthly_flow(per_year: float) -> float:
    """Money, goods or expected events of a month from a yearly amount."""
    return per_year / MONTHS_PER_YEAR


def grown(rate: float, years: float) -> float:
    """Factor after `years` of growth at a continuous annual `rate`."""
    return math.exp(rate * years)


@dataclass(frozen=True)
class Clock:
    """The months of a run: index 0 is `start`, the last one is `end`, both "YYYY-MM"."""

    start: str
    end: str

    @property
    def months(self) -> int:
        return self.index(self.end) + 1

    def index(self, date: str) -> int:
        """Month index of "YYYY-MM" or "YYYY-MM-DD"; negative before the start."""
        return _ordinal(date) - _ordinal(self.start)

    def label(self, month: int) -> str:
        """ "YYYY-MM" of a month index."""
        year, rest = divmod(_ordinal(self.start) + month, MONTHS_PER_YEAR)
        return f"{year:04d}-{rest + 1:02d}"

    def labels(self) -> list[str]:
        return [self.label(m) for m in range(self.months)]

    def year(self, month: int) -> int:
        return (_ordinal(self.start) + month) // MONTHS_PER_YEAR

    def years_since(self, date: str, month: int) -> float:
        """Years from the beginning of the month of `date` to that of `month`."""
        return (month - self.index(date)) / MONTHS_PER_YEAR


def _ordinal(date: str) -> int:
    year, month = date.split("-")[:2]
    return int(year) * MONTHS_PER_YEAR + int(month) - 1

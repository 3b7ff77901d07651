"""The promotion centre's platform: matchmaking by hand first, then a platform that is complete at a date."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.core.clock import Clock
from sim.core.dates import Month
from sim.core.params import Section, quantity

RESTS_ON = ("levels.introduction", "exchange.centre.joining", "exchange.centre.shown", "exchange.centre.catalogue")

COMPLETE = 0.95  # share of the full capacity that counts as complete


class Platform(Section):
    """A4. At `capacity: 0` it is as if there were no centre; `date: null` leaves the manual mode for ever."""

    site: str = ""
    "Site of the region where the centre sits; none if empty."
    start: Month = "2014-08"
    "Month from which the centre works by hand."
    date: Month | None = None
    "Month in which the basic platform is complete."
    capacity: float = quantity(400.0, "count/month", low=0, high=1e6, source="assumption", grade="assumption")
    "Introductions in a month at full capacity, at scale 1 (c_max)."
    manual: float = quantity(0.15, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the full capacity that works by hand (c0)."
    ramp: float = quantity(4.0, "month", low=0.1, high=120, source="assumption", grade="assumption")
    "Time scale of the logistic growth towards completion (s)."
    border_cut: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the border penalty that an introduction removes (zeta)."

    def shares(self, clock: Clock) -> NDArray[np.float64]:
        """Share of the full capacity in each month; complete means 95 % of it."""
        shares = np.zeros(clock.months)
        begin = clock.index(self.start)
        for month in range(max(begin, 0), clock.months):
            grown = 0.0
            if self.date is not None:
                half = clock.index(self.date) - self.ramp * math.log(COMPLETE / (1.0 - COMPLETE))
                grown = 1.0 / (1.0 + math.exp(min(-(month - half) / self.ramp, 700.0)))  # exp of more overflows
            shares[month] = max(self.manual, grown)
        return shares


def describe(platform: Platform) -> list[tuple[str, str]]:
    if platform.capacity == 0 or not platform.site:
        return []
    by_hand = platform.capacity * platform.manual
    lines = [(platform.start, f"the promotion centre at {platform.site} introduces about {by_hand:.0f} pairs a month")]
    if platform.date:
        lines.append((platform.date, f"its platform is complete: about {platform.capacity:.0f} pairs a month"))
    return lines

"""The crowd-fund alliance (A8): pooled small sums, professional services for entrepreneurs, or both."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.core.clock import Clock
from sim.core.dates import Month
from sim.core.params import Section, quantity

RESTS_ON = ("finance.crowdfunding.campaigning", "finance.crowdfunding.elasticity", "finance.crowdfunding.backers")


class Alliance(Section):
    """Without a start, or without members, it is as if it were not there."""

    start: Month | None = None
    "Month in which it begins to work; never if null."
    members: int = quantity(57, "count", low=0, high=10_000, source="fact:A06", grade="H")
    "Its members; their number does not scale."
    reading: Literal["crowdfund", "makerspace", "both"] = "both"
    "What its members do: hold campaigns of small sums, serve entrepreneurs as makerspaces do, or both."

    def active(self, clock: Clock, what: Literal["crowdfund", "makerspace"]) -> NDArray[np.float64]:
        """Members that do `what` in each month."""
        begins = clock.months if self.start is None else clock.index(self.start)
        works = np.arange(clock.months) >= begins
        return np.where(works & (self.reading in (what, "both")), float(self.members), 0.0)


def describe(alliance: Alliance) -> list[tuple[str, str]]:
    if alliance.start is None or alliance.members == 0:
        return []
    deeds = {"crowdfund": "hold campaigns of small sums", "makerspace": "serve entrepreneurs"}
    words = " and ".join(deeds.values()) if alliance.reading == "both" else deeds[alliance.reading]
    return [(alliance.start, f"the alliance of {alliance.members} members begins to {words}")]

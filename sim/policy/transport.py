"""Rail openings: as they came, frozen at a month, or all of them from the start."""

from __future__ import annotations

from typing import Literal

from sim.core.dates import Month
from sim.core.params import Section

RESTS_ON = ("exchange.travel_elasticity", "location.choice.travel", "location.venture.travel")


class Transport(Section):
    """Which of the region's dated travel times hold."""

    rail: Literal["actual", "frozen", "all_early"] = "actual"
    "`actual`: lines open at their dates; `frozen`: none after `frozen_at`; `all_early`: all from the start."
    frozen_at: Month = "2016-01"
    "Month after which no line opens, where `rail` is `frozen`."


def describe(transport: Transport) -> list[tuple[str, str]]:
    words = {
        "actual": ("always", "rail lines open at their dates"),
        "frozen": (transport.frozen_at, "no rail line opens any more"),
        "all_early": ("always", "every rail line is open from the first month"),
    }
    return [words[transport.rail]]

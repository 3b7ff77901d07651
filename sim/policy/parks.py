"""Parks of the chain: when each is announced, opens and closes, how many tenants it holds, what it pays them."""

from __future__ import annotations

from typing import Literal

from sim.core.dates import Month
from sim.core.params import Section, quantity

RESTS_ON = (
    "location.choice.park",
    "location.venture.park",
    "location.programme.chain",
    "location.founding.attraction",
)

OpenDate = Month | Literal["site", "never"]


class Park(Section):
    """One park; its key names a site of the region. At `open: never` it is as if it were not there."""

    announce: Month | None = None
    "Month of the announcement, from which programmes are pledged; the opening unless given."
    open: OpenDate = "site"
    "Month of the opening; `site` takes the region's date, `never` leaves the park out."
    close: Month | None = None
    "Month from which the benefits end."
    capacity: float = quantity(2000.0, "count", low=0, high=1e6, source="assumption", grade="assumption")
    "Tenants it holds, at scale 1."
    subsidy: float = quantity(0.15, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the capital paid in by a tenant that the park's government adds."
    subsidy_end: Month | None = None
    "Month from which its government adds nothing any more."
    programmes: float = quantity(0.0, "count/month", low=0, high=1000, source="assumption", grade="assumption")
    "Programmes pledged in a month once it is open, at scale 1 (nu_k); they grow in a line from the announcement."


def describe(parks: dict[str, Park]) -> list[tuple[str, str]]:
    """The timeline of all parks, in words; months are "YYYY-MM" or "site" where the region knows the date."""
    lines = []
    for key, park in sorted(parks.items()):
        if park.open == "never":
            continue
        if park.announce:
            lines.append((park.announce, f"park {key} is announced; programmes begin to be pledged"))
        pays = f", pays {park.subsidy:.0%} of the capital paid in" if park.subsidy else ", pays nothing"
        lines.append((park.open, f"park {key} opens for {park.capacity:g} tenants{pays}"))
        if park.subsidy_end and park.subsidy:
            lines.append((park.subsidy_end, f"park {key} pays nothing any more"))
        if park.close:
            lines.append((park.close, f"park {key} closes: its benefits end"))
    return lines

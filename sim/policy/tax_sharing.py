"""Sharing of taxes between the place that an activity leaves and the place that it goes to."""

from __future__ import annotations

from typing import Literal

from sim.core.dates import Month
from sim.core.params import Section, quantity

DECREE = "Caiyu [2015] 92: tfcjtax.com/a/201908/1dinedpfxs825.shtml"

RESTS_ON = ("location.branch.relocation", "location.branch.profit", "government.tax")


class TaxSharing(Section):
    """At `off`, or a share of 0, the place that receives keeps all."""

    rule: Literal["gov_led", "all", "off"] = "off"
    "`gov_led`: relocations into parks, which governments agreed on; `all`: every relocation; `off`: none."
    start: Month = "2015-06"
    "Month from which relocations are covered."
    share: float = quantity(0.5, "share", low=0, high=1, source=DECREE, grade="H")
    "Share of a relocated branch's tax that goes to the government it left."
    months: int = quantity(
        60, "month", low=0, high=1200, source=DECREE, grade="H", note="36, and 24 more while the cap is not reached"
    )
    "Months from its founding for which a branch's tax is shared."
    threshold: float = quantity(20.0, "m yuan/year", low=0, high=10_000, source=DECREE, grade="H")
    "Tax that the parent has to have paid a year, averaged over the three years before."
    cap: float = quantity(3.0, "year", low=0, high=100, source=DECREE, grade="H")
    "What is shared in all ends at the parent's taxes of so many years before."


def describe(sharing: TaxSharing) -> list[tuple[str, str]]:
    if sharing.rule == "off" or not sharing.share or not sharing.months or not sharing.cap:
        return []
    which = "relocations into parks" if sharing.rule == "gov_led" else "all relocations"
    return [
        (
            sharing.start,
            f"{sharing.share:.0%} of the tax of {which} goes back to the place they left, for {sharing.months} months, "
            f"up to {sharing.cap:g} years of what parents paid before, if that was {sharing.threshold:g} m yuan a year",
        )
    ]

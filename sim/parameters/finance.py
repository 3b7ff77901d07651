"""Money from outside the firm. For now one instrument works end to end: venture equity."""

from __future__ import annotations

from sim.core.params import Section, quantity

COCHRANE = "Cochrane, it.scribd.com/document/52402376"


class Investment(Section):
    """Venture equity: limited partners pay funds, funds buy stakes, stakes end in a sale or in nothing."""

    funds: int = quantity(60, "count", low=0, high=10_000, source="assumption", grade="assumption")
    "Venture funds; their number does not scale."
    deals: float = quantity(180.0, "count/year", low=0, source="assumption", grade="assumption")
    "Investments in ventures that the funds' yearly powder pays for on average, at scale 1 and a lever of 1."
    round_mean: float = quantity(38.4, "m yuan", low=0.01, high=10_000, source="fact:E26", grade="M")
    "Mean size of an investment."
    round_sigma: float = quantity(1.3, "log", low=0, high=3, source="assumption", grade="L")
    "Log standard deviation of the size of an investment."
    asking: float = quantity(0.05, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Monthly chance that a venture without outside equity asks for it."
    distance: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of approval to travel time from the fund's seat."
    approval: float = quantity(0.0, "log odds", low=-10, high=10, source="assumption", grade="assumption")
    "Log odds that a request of median quality next door is approved, while powder lasts."
    return_mean: float = quantity(0.15, "/year", low=-2, high=2, source=COCHRANE, grade="M")
    "Mean of the yearly log return."
    return_sigma: float = quantity(0.89, "/year", low=0, high=3, source=COCHRANE, grade="M")
    "Standard deviation of the yearly log return."
    exit_rate: float = quantity(
        0.14, "/year", low=0, high=5, source="9 % listed + 26 % acquired: asianentrepreneur.org/venture-capital-worth",
        grade="M", note="the shares over about three years",
    )  # fmt: skip
    "Rate at which a stake is sold."
    programme_share: float = quantity(0.1, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of a programme's draw that funds pay while powder lasts, out of the outside investors' part."


class Finance(Section):
    """Instruments; the others of the chain have their places in the schedule."""

    investment: Investment = Investment()
    "Venture equity."

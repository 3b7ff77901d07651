"""Who exists at the start, and how unequal they are; counts and totals are the region's own tables."""

from __future__ import annotations

from sim.core.params import Section, quantity

SAIC = "SAIC survival report 2013, via scrapbase-beauty.blogspot.com/2013/08/blog-post_4.html"

EXIT_BY_AGE = (0.016, 0.063, 0.095, 0.092, 0.088, 0.084, 0.081, 0.065, 0.055, 0.045, 0.04)
"Yearly rate by completed years: three read, then above 8 % to year 7, then falling; from year 4 on interpolated."


class Populations(Section):
    """Sizes, attributes and cash of the organisations at the start."""

    size_sigma: float = quantity(
        1.2, "log", low=0, high=3, source="assumption", grade="L",
        prior="Uniform(0.9, 1.5)", note="the lognormal body is sourced (arxiv 2409.09470), its width is judgement",
    )  # fmt: skip
    "Log standard deviation of firm size below the tail."
    tail_alpha: float = quantity(
        1.1, "1", low=1.01, high=3, source="mpra.ub.uni-muenchen.de/67630 (Chinese firms, by province)", grade="M",
        prior="TruncatedNormal(1.1, 0.1; 1, 3)",
    )  # fmt: skip
    "Pareto exponent of firm size in the upper tail."
    tail_start: float = quantity(0.9, "share", low=0.5, high=1, source="mpra.ub.uni-muenchen.de/67630", grade="M")
    "Share of firms below the Pareto tail."
    tail_cap: float = quantity(100.0, "1", low=1, high=10_000, source="assumption", grade="assumption")
    "Largest size in the tail, in multiples of the size where the tail starts: a mean must exist."
    rnd_sigma: float = quantity(0.8, "log", low=0, high=3, source="assumption", grade="assumption")
    "Log standard deviation of R&D spending at equal staff."
    institute_sigma: float = quantity(1.0, "log", low=0, high=3, source="assumption", grade="assumption")
    "Log standard deviation of R&D spending over institutes and universities."
    wage: float = quantity(
        0.1, "m yuan/year", low=0, high=10, source="assumption", grade="L", note="cost of one member of staff"
    )
    "Cost of one member of staff in enterprises."
    enterprise_margin: float = quantity(0.07, "share", low=0, high=1, source="assumption", grade="L")
    "Net operating margin of enterprises before R&D, as a share of income."
    manufacturer_margin: float = quantity(0.07, "share", low=0, high=1, source="assumption", grade="L")
    "Net operating margin of manufacturers before R&D, as a share of sales."
    manufacturer_rnd: float = quantity(0.008, "share", low=0, high=1, source="assumption", grade="assumption")
    "R&D spending of manufacturers as a share of sales."
    manufacturer_wages: float = quantity(0.08, "share", low=0, high=1, source="assumption", grade="assumption")
    "Wage bill of manufacturers as a share of sales; it sizes their cash, the margin is net of it."
    cash_months: float = quantity(3.0, "month", low=0, high=120, source="assumption", grade="assumption")
    "Deposits at the start and the cash that owners leave in the firm, in months of R&D and wages."
    payout: float = quantity(0.1, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Share of the cash above `cash_months` that is paid to owners each month."
    field_shares: dict[str, float] = quantity({}, "share", source="assumption", grade="assumption")
    "Share of organisations in each field of the region; fields that are not named share the rest equally."
    absorption: dict[str, tuple[float, float]] = quantity({}, "1", source="assumption", grade="L")
    "Beta(a, b) of the absorptive capacity of manufacturers, by administration; (2, 5) where not named."
    need_share: float = quantity(0.3, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of manufacturers with a technology need that they would register."
    enterprise_listing: float = quantity(0.3, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of enterprises that list achievements at the promotion centre without being members."
    position_spread: float = quantity(2.5, "1", low=0, high=16, source="assumption", grade="assumption")
    "Standard deviation of technology positions around the field's own, in steps of the circle of 32."
    branches_at_start: float = quantity(
        2510.0, "count", low=0, source="level: solved from fact:B01", grade="M",
        note="branches alive in the receiving administrations at the start, so that 3,500 are alive after a year",
    )  # fmt: skip
    "Branches in the receiving administrations at the start, at scale 1."

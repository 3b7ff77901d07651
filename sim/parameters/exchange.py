"""Who buys what from whom: contracts, deals, prices, and the promotion centre's way of working."""

from __future__ import annotations

from sim.core.dates import Month
from sim.core.params import Section, quantity

LICENCES = "digipub.cc/dy/article/KDF8MGHG0511D98B.html (2023, n = 37,741)"


class Centre(Section):
    """How an introduction of the promotion centre works (its dates and capacity are the lever `platform`)."""

    joining: float = quantity(0.15, "/month", low=0, high=1, source="assumption", grade="L")
    "Monthly rate at which institutes join and needs are registered, at full capacity (phi)."
    shown: int = quantity(5, "count", low=1, high=50, source="assumption", grade="assumption")
    "Achievements shown at an introduction (k)."
    catalogue: int = quantity(40, "count", low=1, high=1000, source="assumption", grade="assumption")
    "Achievements of a field that the centre presents in a month, at scale 1; its members' listings take turns."
    access_decay: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="assumption")
    "Elasticity of a need's chance of an introduction to its travel time from the centre (first-hand access)."
    fee: float = quantity(0.02, "share", low=0, high=0.5, source="assumption", grade="assumption")
    "The centre's fee, as a share of the price; the buyer pays it."
    price_median: float = quantity(
        0.2, "m yuan", low=0.001, high=100, source="kjjb.org/fileup/HTML/2021-38-21-003.htm", grade="M"
    )
    "Median price of a brokered deal in 2016."
    price_sigma: float = quantity(
        1.0, "log", low=0, high=3, source="kjjb.org/fileup/HTML/2021-38-21-003.htm", grade="L"
    )
    "Log standard deviation of the price of a brokered deal."
    price_cap: float = quantity(2.0, "m yuan", low=0.001, high=1000, source="assumption", grade="L")
    "Largest price of a brokered deal: online intermediaries handle small ones."


class Exchange(Section):
    """Matching by a hierarchical keyed logit with an outside option, and the deal that follows."""

    contracts: float = quantity(
        50_600.0, "count/year", low=0, source="fact:D01 / fact:D30 x 0.955", grade="M",
        note="3,176 contracts to the receiving administrations in 2013 are 6 % of all; 4.5 % transfer achievements",
    )  # fmt: skip
    "Service contracts that all origins conclude in a year with buyers anywhere, at scale 1."
    travel_elasticity: float = quantity(
        0.5, "1", low=0, high=3, source="sign: econpapers eeetrapol v116; value judgement", grade="L",
        prior="TruncatedNormal(0.5, 0.25; 0, 1.5)",
    )  # fmt: skip
    "Elasticity of a match to travel time (beta)."
    field_bonus: float = quantity(2.0, "log odds", low=0, high=10, source="assumption", grade="assumption")
    "Log odds for a buyer of the achievement's own field (kappa_f)."
    size_weight: float = quantity(0.5, "1", low=0, high=1, source="assumption", grade="L")
    "Elasticity of a buyer's weight to its sales (alpha): with 1 the largest firm would take 8 % of all deals."
    absorption_weight: float = quantity(1.0, "1", low=0, high=3, source="assumption", grade="assumption")
    "Elasticity of a buyer's weight to its absorptive capacity (alpha_A)."
    need_bonus: float = quantity(1.0, "1", low=0, high=20, source="assumption", grade="assumption")
    "Extra weight of a buyer with a need (k_need)."
    optimum_base: float = quantity(
        0.364, "1", low=0, high=1, source="shape: 994 alliances, cris.maastrichtuniversity.nl", grade="L",
        prior="Beta(4, 7)",
    )  # fmt: skip
    "Cognitive distance that fits best, for a buyer of no absorptive capacity (d0)."
    optimum_slope: float = quantity(0.15, "1", low=0, high=1, source="assumption", grade="L", prior="Uniform(0, 0.3)")
    "How much further the optimum lies for full absorptive capacity (d1)."
    fit_width: float = quantity(0.25, "1", low=0.02, high=2, source="assumption", grade="L", prior="Uniform(.15, .35)")
    "Width of the inverted U of cognitive fit (w)."
    value_sales: float = quantity(0.4, "1", low=0, high=1, source="assumption", grade="L")
    "Elasticity of an achievement's value to the buyer's sales (nu)."
    value_quality: float = quantity(1.2, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of an achievement's value to its quality."
    value_to_reserve: float = quantity(6.0, "1", low=0.01, high=1000, source="assumption", grade="assumption")
    "Value to an average buyer of perfect fit over the owner's reserve price (v0 / p0)."
    bargaining: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="L")
    "Seller's share of the surplus (psi)."
    price_growth: float = quantity(
        0.16, "/year", low=-0.5, high=0.5, source="fact:D18 to fact:D19", grade="M", prior="Normal(0.16, 0.03)"
    )
    "Continuous growth of prices and values (g_P): policy and large urban contracts, not endogenous."
    price_growth_end: Month = quantity("2020-12", "date", source="assumption", grade="assumption")
    "Month after which prices grow no more: the trend of 2010-15 is not carried on for ever."
    price_year: Month = quantity("2016-01", "date", source="fact:A05", grade="M")
    "Month whose price level the levels and medians are given in."
    service_mean: float = quantity(
        2.24, "m yuan", low=0.001, high=1000, source="fact:D02 / fact:D01", grade="H", note="in 2013 prices"
    )
    "Mean value of a service contract in the first year."
    value_sigma: float = quantity(
        1.6, "log", low=0, high=4, source="news.sina.com.cn/c/2004-02-15/12161806480s.shtml", grade="M",
        prior="Normal(1.6, 0.2)",
    )  # fmt: skip
    "Log standard deviation of the value of service contracts."
    assignment: float = quantity(0.61, "share", low=0, high=1, source=LICENCES, grade="M")
    "Share of deals that assign the achievement."
    licence: float = quantity(0.378, "share", low=0, high=1, source=LICENCES, grade="M")
    "Share of deals that license it; what remains is paid in equity."
    licence_upfront: float = quantity(0.3, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of a licence's price that is paid at signing; the rest in equal instalments."
    licence_months: int = quantity(60, "month", low=1, high=360, source="assumption", grade="assumption")
    "Months over which the rest of a licence's price is paid."
    inventor_share: float = quantity(
        0.5, "share", low=0, high=1, source="Law on Promoting the Transformation of S&T Achievements, 2015", grade="M"
    )
    "Share of an institute's receipts that goes to the inventors (statutory minimum)."
    centre: Centre = Centre()
    "How the promotion centre brokers."

"""Where branches, programmes and ventures are founded, how long they live, and what they cost."""

from __future__ import annotations

from sim.core.dates import Month
from sim.core.params import Section, quantity
from sim.parameters.populations import EXIT_BY_AGE, SAIC


class Founding(Section):
    """How many branches are founded (MODEL.md, (6))."""

    size_elasticity: float = quantity(0.5, "1", low=0, high=2, source="assumption", grade="L")
    "Elasticity of the founding hazard to the parent's staff (gamma_L)."
    attraction: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the founding hazard to what the receiving zones offer (eta_I)."
    pressure: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Semi-elasticity of the founding hazard to the pressure to leave the source (eta_p)."
    imitation: float = quantity(0.0, "/month", low=0, high=1, source="not identified", grade="assumption")
    "Extra hazard at full adoption of branches among the parent's field (q_B)."
    walk: float = quantity(
        0.25, "/year", low=0, high=1, source="disagreement of the sources before the article", grade="L",
        prior="Uniform(0.1, 0.4)", note="standard deviation of the yearly step of the log hazard",
    )  # fmt: skip
    "Yearly step of the random walk of the log founding hazard (standard deviation)."
    walk_anchor: Month = quantity("2016-01", "date", source="fact:A01", grade="H")
    "Year in which the walk is zero: 687 pins the hazard of 2016 and of no other year."


class Choice(Section):
    """Where a founder goes: one logit over all zones, the source's own and the rest of the country."""

    wage: float = quantity(
        0.5, "1", low=-2, high=3, source="sign: mtoou.info/tubiao/2017148.html", grade="L", prior="Normal(0.5, 0.3)",
        note="0 for R&D branches: high-technology entry is not wage-sensitive in Chinese evidence",
    )  # fmt: skip
    "Elasticity of the choice to wages, but for R&D (gamma_w)."
    rent: float = quantity(0.3, "1", low=-2, high=3, source="assumption", grade="L")
    "Elasticity of the choice to rents (gamma_r)."
    travel: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice to travel time from the parent (beta_h)."
    size: float = quantity(
        1.0, "1", low=0, high=2, source="a zone is a bundle of sites: Ben-Akiva and Lerman 1985, ch. 9", grade="L",
        note="with 1, cutting a zone in two changes no founder's choice",
    )  # fmt: skip
    "Elasticity of the choice to the zone's economy (GDP), for branches and ventures alike."
    agglomeration: float = quantity(
        0.4, "1", low=0, high=0.95, source="signs: hal-00648210", grade="L", prior="TruncatedNormal(0.4, 0.15; 0, 1)"
    )
    "Elasticity of the choice to branches of the same field and type already there (gamma_a)."
    agglomeration_unit: float = quantity(20.0, "count", low=0.1, source="assumption", grade="assumption")
    "Branches of a field and type, at scale 1, that count as one unit of agglomeration (n_ref)."
    manufacturing: float = quantity(0.3, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice to manufacturing mass, for full production intensity (gamma_M)."
    park: float = quantity(0.5, "log odds", low=0, high=5, source="assumption", grade="assumption")
    "Pull of an open park without subsidy (theta_k)."
    pull: dict[str, float] = quantity({}, "log odds", source="assumption", grade="L")
    "Pull of an administration beyond all else (mu_a); 0 where not named."


class Branch(Section):
    """What a branch is, costs, and how long it lives."""

    sales_share: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of branches that sell."
    rnd_share: float = quantity(0.25, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of branches that do R&D; the rest produce."
    subsidiary_share: float = quantity(
        0.43, "share", low=0, high=1, source="fact:B30 to fact:B33", grade="M", prior="Uniform(0.3, 0.7)"
    )
    "Share of branches that are legal persons of their own."
    relocation: float = quantity(0.2, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of foundings that move an activity away from the source, at the pressure of 1."
    capital_mean: float = quantity(
        50.0, "m yuan", low=0.01, high=10_000, source="beijing.qianlong.com/2016/0416/541208.shtml (87 moves, mean 79)",
        grade="M", prior="LogNormal(ln 50, 1)",
    )  # fmt: skip
    "Mean capital of a branch in the receiving administrations."
    capital_sigma: float = quantity(1.7, "log", low=0, high=4, source="assumption", grade="L", prior="Normal(1.7, 0.3)")
    "Log standard deviation of branch capital."
    capital_size: float = quantity(0.5, "1", low=0, high=2, source="assumption", grade="assumption")
    "Elasticity of branch capital to the parent's staff."
    capital_ratio: dict[str, float] = quantity({}, "1", source="assumption", grade="L")
    "Mean capital by administration relative to the mean of all; 1 where not named."
    paid_in_months: int = quantity(24, "month", low=1, high=240, source="assumption", grade="assumption")
    "Months over which a parent pays in the capital it has subscribed, as its cash allows."
    capex_share: float = quantity(0.8, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the capital paid in that is spent at once on equipment; the rest stays as cash."
    profit: float = quantity(
        0.1, "/year", low=0, high=1, grade="L",
        source="half of the aggregate: Bai, Hsieh and Qian 2006, Brookings Papers on Economic Activity 2006:2, 61",
    )  # fmt: skip
    "Margin of a branch in a year, relative to the capital paid in, before rent and tax (tier chain)."
    rent: float = quantity(0.02, "/year", low=0, high=1, source="assumption", grade="assumption")
    "Rent of a tenant of a park in a year, relative to the capital paid in, where the rent index of the zone is 1."
    exit_by_age: tuple[float, ...] = quantity(
        EXIT_BY_AGE, "/year",
        source=SAIC + "; art2phone.com/news-detail/252/252693.html", grade="H",
        note="first three years read; above 8 % to year 7, then falling: the values from year 4 on are interpolated",
    )  # fmt: skip
    "Yearly exit rate by completed years of age; the last value holds for all later ages."
    exit_with_parent: float = quantity(
        0.042, "/year", low=0, high=0.9, source="mean exit rate of the parents of branches: `demography`", grade="M"
    )
    "Part of these rates by which parents leave; in tiers where parents do, a branch's own rate is lower by it."
    exit_scale: float = quantity(1.0, "1", low=0, high=10, source=SAIC, grade="M", prior="LogNormal(0, 0.15)")
    "Multiplier of all exit rates."
    exit_closed: float = quantity(2.0, "1", low=0, high=100, source="assumption", grade="assumption")
    "Factor on the exit rate of tenants of a park that has closed (k_close)."
    exit_capital: float = quantity(0.1, "1", low=0, high=1, source="assumption", grade="L")
    "Elasticity by which more capital, relative to the median, lowers the exit rate (gamma_x)."


class Programme(Section):
    """Park programmes: pledged, then drawn (MODEL.md, (7)). How many a park attracts is the lever `parks`."""

    amount_mean: float = quantity(
        777.8, "m yuan", low=0.01, high=100_000, source="fact:A04 / fact:A03", grade="H", prior="LogNormal(ln 800, .6)"
    )
    "Mean amount pledged (mu_F)."
    amount_sigma: float = quantity(1.6, "log", low=0, high=3, source="assumption", grade="L", prior="Uniform(1.3, 2)")
    "Log standard deviation of the amount pledged (sigma_F)."
    started: float = quantity(
        0.443, "share", low=0, high=1, source="fact:C24 (35 of 79)", grade="M", prior="Beta(35, 44)"
    )
    "Share of pledged programmes that are ever started."
    realised: float = quantity(0.65, "share", low=0, high=1, source="assumption", grade="L", prior="Uniform(0.3, 1)")
    "Share of its pledge that a started programme draws."
    draw_months: int = quantity(42, "month", low=1, high=240, source="assumption", grade="L", prior="Uniform(24, 60)")
    "Months over which it is drawn (T_d)."
    parent_share: float = quantity(0.3, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of a draw that the parent pays; investors from outside the region pay the rest."
    industries: tuple[str, ...] = (
        "mobile_internet", "health_care", "cross_border_e_commerce", "technological_finance", "other",
    )  # fmt: skip
    "Industries that a programme may have, equally likely (model.md, A2)."
    chain: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="assumption")
    "Chance that a tenant refused by a full park tries the next one of the chain (lambda_chain)."


class Venture(Section):
    """Researcher-entrepreneurs, who industrialise an achievement where manufacturing is (MODEL.md, (8))."""

    ripe: int = quantity(5, "1", low=1, high=9, source="assumption", grade="L")
    "Maturity (TRL) from which an institute's achievement can be founded upon."
    quality: float = quantity(0.5, "1", low=0, high=2, source="assumption", grade="L")
    "Elasticity of the founding hazard to quality."
    home: float = quantity(
        2.5, "log odds", low=-5, high=10, source="74.5 % stay: AUTM 2004, sciencebusiness.net/news/74188", grade="L"
    )
    "Pull of the source for a founder."
    manufacturing: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice to manufacturing mass, for full production intensity (theta_m)."
    travel: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice to travel time from the institute."
    park: float = quantity(0.5, "log odds", low=0, high=5, source="assumption", grade="assumption")
    "Pull of an open park without subsidy."
    own_money: float = quantity(0.5, "m yuan", low=0, high=1000, source="assumption", grade="assumption")
    "What founders pay in at the start."
    spending: float = quantity(0.4, "m yuan/year", low=0, high=1000, source="assumption", grade="assumption")
    "What a venture without outside money spends in a year."
    exit_scale: float = quantity(1.0, "1", low=0, high=10, source="assumption", grade="assumption")
    "Exit rate of ventures relative to that of branches of the same age."
    service_founding: float = quantity(0.1, "1", low=0, high=10, source="assumption", grade="assumption")
    "By how much the services of an alliance of 57 members raise the hazard of founding."
    service_survival: float = quantity(0.1, "1", low=0, high=10, source="assumption", grade="assumption")
    "By how much they lower the exit rate of ventures: it is divided by 1 and this."


class Location(Section):
    """A1, A2, A3 and A6: branches, park programmes and ventures, and the places they choose."""

    founding: Founding = Founding()
    "How many branches are founded."
    choice: Choice = Choice()
    "Where they go."
    branch: Branch = Branch()
    "What a branch costs and how long it lives."
    programme: Programme = Programme()
    "Park programmes."
    venture: Venture = Venture()
    "Researcher-entrepreneurs."

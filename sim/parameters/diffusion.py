"""What becomes of a transferred achievement: industrialisation, adoption, learning, spillovers, the environment."""

from __future__ import annotations

from sim.core.params import Section, quantity

BASS = "decisionpro.freshdesk.com/support/solutions/articles/64000304644"


class Development(Section):
    """Industrialisation of a bought achievement by its buyer, in three stages."""

    completion: float = quantity(
        0.15, "/month", low=0, high=1, source="assumption", grade="L", note="three stages last 20 months on average"
    )
    "Monthly chance that a stage whose cost is paid is completed (pi)."
    success: float = quantity(
        0.766, "share", low=0, high=1, source="0.45^(1/3): cnkyw.cn/xwzx/hgjj/202212/t20221230_70212.html (CNIPA)",
        grade="M", prior="Beta(22, 26)^(1/3)", note="a stock rate of firms' patents put to use: an upper bound",
    )  # fmt: skip
    "Chance that a completed stage succeeds, for a buyer of mean absorptive capacity and perfect fit (p_s)."
    absorption: float = quantity(1.0, "log odds", low=0, high=10, source="assumption", grade="assumption")
    "Log odds of success by the buyer's absorptive capacity over the mean at the start (b_A)."
    fit: float = quantity(0.3, "1", low=0, high=10, source="assumption", grade="assumption")
    "Elasticity of the odds of success to the cognitive fit (b_g)."
    delay: float = quantity(0.5, "log odds", low=0, high=10, source="assumption", grade="assumption")
    "Log odds of success lost by a development that had to wait for money (b_F)."
    cost: float = quantity(1.0, "share", low=0, high=100, source="assumption", grade="assumption")
    "Cost of each stage as a share of the price of the achievement."
    uplift: float = quantity(0.03, "share", low=0, high=10, source="assumption", grade="assumption")
    "Rise of the buyer's sales by a technology of quality 1 (upsilon); it grows with the root of quality."


class Adoption(Section):
    """Adoption of a technology by manufacturers like its pioneer: a Bass process over the zones."""

    innovation: float = quantity(0.01, "/year", low=0, high=10, source=BASS, grade="M", prior="LogNormal(ln .01, 1)")
    "Rate of adoption that owes nothing to other adopters (p)."
    imitation: float = quantity(0.4, "/year", low=0, high=100, source=BASS, grade="M", prior="LogNormal(ln .4, .4)")
    "Rate of adoption where all within reach have adopted (q)."
    travel: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of imitation to travel time from the adopters' zone; with 0 all zones mix evenly."
    scope: int = quantity(0, "1", low=0, high=16, source="assumption", grade="assumption")
    "Steps on the circle around the pioneer's position within which a technology concerns manufacturers of its field."
    cost: float = quantity(0.005, "share", low=0, high=10, source="assumption", grade="assumption")
    "Cost of an adoption as a share of yearly sales."
    uplift: float = quantity(0.01, "share", low=0, high=10, source="assumption", grade="assumption")
    "Rise of an adopter's sales by a technology of quality 1; it grows with the root of quality."


class Absorption(Section):
    """How manufacturers learn and forget: log odds of absorptive capacity above where each of them began."""

    adoption: float = quantity(0.02, "log odds", low=0, high=10, source="assumption", grade="assumption")
    "What a technology that was developed or adopted adds (a_u)."
    spillover: float = quantity(0.01, "log odds", low=0, high=10, source="assumption", grade="L")
    "What the log of knowledge nearby, relative to the start, adds each month (a_s)."
    decay: float = quantity(0.02, "/month", low=0, high=1, source="assumption", grade="L")
    "Share of what was learned that is lost each month (a_d)."


class Spillovers(Section):
    """Knowledge: the depreciated stock of R&D on cells and fields, felt less with distance."""

    half_distance: float = quantity(
        330.0, "km", low=1, high=10_000, source="mpra.ub.uni-muenchen.de/45962 and experts.illinois.edu (EU regions)",
        grade="M", prior="LogNormal(ln 330, .25)",
    )  # fmt: skip
    "Distance over which the effect of knowledge halves."
    depreciation: float = quantity(
        0.2, "/year", low=0, high=10, source="globethesis.com/?t=2359330542967776", grade="M", prior="Uniform(.15, .32)"
    )
    "Yearly depreciation of knowledge (delta_K)."
    elasticity: float = quantity(
        0.035, "elasticity", low=0, high=1, source="Bottazzi-Peri, paperzz.com/doc/8903383 (EU regions)", grade="M",
        prior="Normal(.035, .007)",
    )  # fmt: skip
    "Elasticity of births of achievements to knowledge nearby (eps_S)."
    branch_rnd: float = quantity(0.1, "share", low=0, high=10, source="assumption", grade="assumption")
    "Yearly R&D of an R&D branch as a share of its paid-in capital."


class Environment(Section):
    """The environment of innovation of a zone, which activity improves and which draws activity (feedback)."""

    effect: float = quantity(0.1, "log odds", low=0, high=10, source="assumption", grade="L")
    """What a unit of it adds to the utility of a zone for buyers' matches, branches and ventures, to the log hazard of
    founding ventures, and to the log odds of stages and of venture approval (theta_E)."""
    speed: float = quantity(0.02, "/month", low=0, high=1, source="assumption", grade="L")
    "Share of the gap to what activity makes of it that is closed each month (kappa_E)."
    weights: tuple[float, float, float, float] = quantity(
        (0.25, 0.25, 0.25, 0.25), "share", source="assumption", grade="L"
    )
    "Weights of deals, ventures alive, finance provided and knowledge (omega)."
    smoothing: float = quantity(0.25, "share", low=1e-6, high=100, source="assumption", grade="assumption")
    "Added per head to activity and to its reference, as a share of the region's mean: a zone without any has a log."


class Diffusion(Section):
    """From a deal to a technology, its adopters, and what all of it leaves behind."""

    patience: int = quantity(6, "month", low=0, high=120, source="assumption", grade="L")
    "Months for which a stage or an adoption waits for money before it is given up."
    development: Development = Development()
    "Industrialisation."
    adoption: Adoption = Adoption()
    "Adoption."
    absorption: Absorption = Absorption()
    "Learning of manufacturers."
    spillovers: Spillovers = Spillovers()
    "Knowledge and its spillovers."
    environment: Environment = Environment()
    "The environment and its feedback."

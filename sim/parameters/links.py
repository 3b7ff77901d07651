"""Two-way links between the source and those who receive (MODEL.md, (26))."""

from __future__ import annotations

from sim.core.params import Section, quantity


class JointResearch(Section):
    """Projects that an institute of the source and a manufacturer elsewhere pay for together."""

    projects: float = quantity(
        568.0, "count/year", low=0, high=1e6, source="fact:F31", grade="L",
        note="568 joint invention patents among the three places in 2014, read as one project each",
    )  # fmt: skip
    "Projects proposed in a year by all institutes at scale 1."
    further: float = quantity(
        0.15, "1", low=0, high=1, source="sign: exploration tolerates more distance", grade="assumption"
    )
    "How much further than in a sale the cognitive distance lies that fits best."
    cost: float = quantity(2.0, "m yuan", low=0, high=1000, source="assumption", grade="assumption")
    "Median cost of a project."
    cost_sigma: float = quantity(1.0, "log", low=0, high=3, source="assumption", grade="assumption")
    "Log standard deviation of the cost."
    firm_share: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the cost that the manufacturer pays; the institute pays the rest."


class BackwardCapital(Section):
    """Manufacturers elsewhere that invest in ventures of the source."""

    rate: float = quantity(
        0.012, "/year", low=0, high=1, source="level: 22.6 % of the opposite flow, 2012-16 (fact:E08)", grade="M"
    )
    "Chance that a manufacturer of mean size looks for a venture in a year."
    size: float = quantity(0.5, "1", low=0, high=2, source="assumption", grade="assumption")
    "Elasticity of that chance to its sales."
    part: float = quantity(0.5, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of its cash above the reserve that it invests."
    travel: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice of a venture to travel time."


class Talent(Section):
    """Researchers and engineers who move to posts elsewhere, and carry knowledge with them."""

    rate: float = quantity(0.02, "/year", low=0, high=1, source="assumption", grade="assumption")
    "Share of researchers who move to another zone in a year."
    post: float = quantity(
        0.4, "m yuan/year", low=0.001, high=100, source="fact:F04: 197.24 bn yuan over 657,000 staff is 0.3", grade="L"
    )
    "R&D spending that stands for one researcher."
    wage: float = quantity(1.0, "1", low=-2, high=5, source="assumption", grade="L")
    "Elasticity of the choice of a place to its wages."
    travel: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of the choice to travel time."
    carried: float = quantity(0.4, "m yuan", low=0, high=100, source="assumption", grade="assumption")
    "Knowledge that one carries: a year of R&D spending by default."


class Links(Section):
    """A11: joint R&D, capital into the source, talent."""

    joint_research: JointResearch = JointResearch()
    "Projects paid for together."
    capital: BackwardCapital = BackwardCapital()
    "Capital into the source."
    talent: Talent = Talent()
    "Researchers who move."

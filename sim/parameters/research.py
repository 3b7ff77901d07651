"""Births of achievements, their ageing, and when they are offered."""

from __future__ import annotations

from sim.core.params import Section, quantity


class Research(Section):
    """A1-A5 begin here: what the origins find, and how it grows ripe or stale."""

    births: float = quantity(
        33_900.0, "count/year", low=0, source="19,777 in Jan-Jul 2016 x 12/7: m.gongxiaoshang.com/news3356503",
        grade="H", prior="LogNormal(ln 33900, 0.3)",
    )  # fmt: skip
    "Achievements born in a year by all origins at scale 1."
    rnd_elasticity: float = quantity(0.8, "1", low=0, high=2, source="assumption", grade="L")
    "Elasticity of an origin's births to its R&D spending (gamma_R)."
    quality_sigma: float = quantity(1.0, "log", low=0, high=3, source="assumption", grade="L")
    "Log standard deviation of the quality of achievements (sigma_q); the median is 1."
    obsolescence: float = quantity(
        0.15, "/year", low=0, high=5, source="globethesis.com/?t=2359330542967776", grade="M",
        prior="Uniform(0.1, 0.32)", note="R&D depreciation taken as a guide; 4.1 counts it as 1-(1-d)^(1/12)",
    )  # fmt: skip
    "Share of achievements on the shelf that become obsolete within a year (delta_a)."
    offered: float = quantity(
        0.06, "share", low=0, high=1, source="zhishifenzi.com/depth/depthview/7531", grade="M", prior="Beta(6, 94)"
    )
    "Share of achievements that their owner will ever offer, once; those do not go stale before."
    lag_median: float = quantity(
        3.7, "year", low=0.1, high=50, source="Technovation 2007 (CEA), peeref.com/works/67125579", grade="M"
    )
    "Geometric mean of the lag from birth to offer."
    lag_spread: float = quantity(
        2.6, "1", low=1, high=10, source="Technovation 2007 (CEA), peeref.com/works/67125579", grade="M"
    )
    "Geometric standard deviation of the lag from birth to offer."
    first_maturity: int = quantity(6, "1", low=1, high=9, source="assumption", grade="L")
    "Maturity (TRL) at birth is drawn evenly from 1 to this level."
    months_per_level: float = quantity(18.0, "month", low=1, high=240, source="assumption", grade="L")
    "Months on the shelf that raise the maturity by one level."
    position_spread: float = quantity(1.5, "1", low=0, high=16, source="assumption", grade="assumption")
    "Standard deviation of an achievement's position around its owner's, in steps of the circle of 32."
    backlog_years: int = quantity(20, "year", low=0, high=60, source="assumption", grade="assumption")
    "Years before the start of which achievements are generated, so that the shelf is not empty."

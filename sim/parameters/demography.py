"""How enterprises and manufacturers come, grow and go (MODEL.md, (23))."""

from __future__ import annotations

from sim.core.params import Section, quantity
from sim.parameters.populations import EXIT_BY_AGE, SAIC


class Demography(Section):
    """Entry, exit and growth of the firms that are there from the start: enterprises of the source, manufacturers."""

    entry: float = quantity(
        0.0535, "/year", low=0, high=1, source="level: the number of firms stays that of 2016 (fact:F01, F09, F10)",
        grade="M",
    )  # fmt: skip
    "Firms founded in a year, relative to the number at the start, in each zone."
    entrant_size: float = quantity(0.7, "1", low=0.001, high=10, source="assumption", grade="L")
    "Mean size of a new firm relative to the mean of the start; sizes follow the same law."
    exit_by_age: tuple[float, ...] = quantity(EXIT_BY_AGE, "/year", source=SAIC, grade="M")
    "Yearly exit rate of a firm of mean frailty by completed years of age; the last value holds for all later ages."
    exit_size: float = quantity(
        0.2, "1", low=0, high=2, source="sign: Dunne, Roberts and Samuelson 1989, Q. J. Econ. 104, 671", grade="L"
    )
    "Elasticity by which a firm's size lowers its exit rate."
    growth: float = quantity(
        0.0, "/year", low=-0.5, high=0.5, source="assumption", grade="assumption",
        note="sales and margins are in the prices of the start, as they are in tier core",
    )  # fmt: skip
    "Continuous growth of expected size (mu)."
    growth_sigma: float = quantity(
        0.2, "log", low=0, high=2, source="order of magnitude: Stanley et al. 1996, Nature 379, 804", grade="L",
        prior="Uniform(0.1, 0.4)",
    )  # fmt: skip
    "Standard deviation of the yearly growth of log size (sigma)."

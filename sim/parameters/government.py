"""What governments take and spend (MODEL.md, (24))."""

from __future__ import annotations

from sim.core.params import Section, quantity

LAW = "Enterprise Income Tax Law 2007"


class Government(Section):
    """Taxes on what firms and branches earn, and what governments keep of them."""

    tax: float = quantity(0.25, "share", low=0, high=1, source=LAW + ", art. 4", grade="H")
    "Tax on the margin net of R&D of manufacturers, and on that of branches net of rent."
    tax_source: float = quantity(
        0.15, "share", low=0, high=1, source=LAW + ", art. 28: high-technology enterprises", grade="M",
        note="13,000 of the 20,000 are certified (fact:F01); the rate is taken for all",
    )  # fmt: skip
    "Tax on the margin net of R&D of enterprises of the source."
    months_kept: float = quantity(3.0, "month", low=1, high=120, source="assumption", grade="assumption")
    "Months for which the cash of a government would last: the rest becomes public services."

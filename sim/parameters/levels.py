"""Levels that are solved once, for the baseline, from its targets, and never again in another scenario.

`jjj levels scenarios/baseline.yaml` solves them and tells how; they are then frozen in that file.
"""

from __future__ import annotations

from sim.core.params import Section, quantity

SOLVED = "level: `jjj levels`"


class Levels(Section):
    """Scalars fixed by the article's figures and the anchors (identifiability: model.md section 11)."""

    branch_hazard: float = quantity(
        0.015, "/month", low=0, high=1, source=SOLVED + " from fact:A01", grade="M", prior="LogNormal(ln .005, 1)"
    )
    "Mean founding hazard of a parent in the anchor year, foundings anywhere (h0)."
    branch_attraction: float = quantity(0.0, "log", source=SOLVED, grade="M")
    "Inclusive value of the receiving zones in the anchor year (I_ref)."
    outside_founding: float = quantity(
        4.0, "log odds", source=SOLVED + " from the share of the foundings that stay near", grade="M"
    )
    "Utility of the rest of the country for founders, on the scale of the zones'."
    outside_transfer: float = quantity(10.0, "log odds", source=SOLVED + " from fact:D30", grade="M")
    "Utility of the outside option for achievements, at scale 1 (u_0)."
    outside_service: float = quantity(10.0, "log odds", source=SOLVED + " from fact:D30", grade="M")
    "Utility of the outside option for service contracts, at scale 1 (u_0)."
    introduction: float = quantity(-3.0, "log odds", source=SOLVED + " from fact:A05", grade="M")
    "Log odds that an introduction of the promotion centre leads to a deal, before fit and border."
    reserve_price: float = quantity(
        0.5, "m yuan", low=1e-6, source=SOLVED + " from a mean price of 0.98 m yuan in 2016", grade="M"
    )
    "Owner's reserve price for an achievement of quality 1 (p0)."
    venture_hazard: float = quantity(
        0.001, "/month", low=0, high=1, source=SOLVED + " from about 100 spin-offs a year", grade="L"
    )
    "Founding hazard of a ripe achievement of quality 1 at an institute (s0)."
    environment: dict[str, tuple[float, float, float, float]] = quantity(
        {}, "1", source=SOLVED + ": the baseline's own in January 2016", grade="M",
        note="deals a year, ventures alive, finance a year and knowledge in m yuan, at scale 1",
    )  # fmt: skip
    "Activity of each zone with which its environment is compared; a zone that is not named has no environment."

"""The border between administrations: what a match across it costs."""

from __future__ import annotations

from sim.core.params import Section, quantity

RESTS_ON = ()


class Border(Section):
    """At a penalty of 0 an administrative border is a line on the map."""

    penalty: float = quantity(
        0.7, "log odds", low=0, high=10, source="studylib.net/doc/7085562 (Andersson et al.)", grade="L",
        prior="Normal(0.7, 0.4)",
    )  # fmt: skip
    "Log odds that a match loses by crossing a border between administrations (b)."


def describe(border: Border) -> list[tuple[str, str]]:
    return [("always", f"a match across an administrative border loses {border.penalty:g} in log odds")]

"""The pressure on the source's organisations to leave it (de-capitalisation), relative to 2016."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("location.founding.pressure", "location.branch.relocation")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"the pressure to leave the source is {value:g} (1 in 2016)") for month, value in path]

"""What a document must obey as a whole, beyond each value's own range.

A check takes the scenario and yields findings; `scenario.finding(path, ...)` knows the place. New checks are
added to the list at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sim.core.dates import months_between
from sim.errors import Finding
from sim.scenario.library import region_at, regions
from sim.scenario.resolved import Scenario
from sim.scenario.scalars import nearest

Check = Callable[[Scenario[Any]], Iterable[Finding]]


def end_after_start(scenario: Scenario[Any]) -> Iterator[Finding]:
    """A run has at least one month."""
    start, end = scenario.document.start, scenario.document.end
    if months_between(start, end) < 0:
        yield scenario.finding("end", "the end lies before the start", found=end, allowed=f"{start} or later")


def region_exists(scenario: Scenario[Any]) -> Iterator[Finding]:
    """The region is a folder beside the scenario or in the library."""
    name, beside = scenario.document.region, scenario.file.parent
    if region_at(name, beside) is None:
        known = regions(beside)
        yield scenario.finding(
            "region",
            "no such region: data/ holds no folder of this name",
            found=name,
            allowed=", ".join(known),
            nearest=nearest(name, known),
        )


CHECKS: list[Check] = [end_after_start, region_exists]

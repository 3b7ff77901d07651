"""What will happen in a scenario before it happens: its levers in words, in order of their dates."""

from __future__ import annotations

from sim.core.tables import table
from sim.policy import LEVERS
from sim.scenario.resolved import Scenario

ALWAYS = "always"


def timeline(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Month, lever and what it does then; what always holds comes first."""
    rows = [
        (month, name, text)
        for name, lever in LEVERS.items()
        for month, text in lever.describe(getattr(scenario.document, name))
    ]
    return sorted(rows, key=lambda row: (row[0] != ALWAYS, row[0][:1].isalpha(), row[0]))


def timeline_table(scenario: Scenario) -> str:
    """The timeline for a terminal."""
    rows = timeline(scenario)
    return table(rows, ("month", "lever", "what happens")) if rows else "No lever acts."

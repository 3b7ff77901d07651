"""Refuses a scenario that this machine could never hold, before anything is allocated.

The estimate is coarse on purpose (agents times bytes): it stands between a slip of the hand and a machine
that swaps for an hour, not between one gigabyte and two.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sim.core.dates import months_between
from sim.errors import RefusedError
from sim.scenario.resolved import Scenario

BYTES_AT_ANY_SCALE = 150e6
"An interpreter with its libraries, compiled kernels and a region."
AGENTS_AT_SCALE_1 = 80_000
"Origins, manufacturers and branches of the shipped region."
BYTES_PER_AGENT = 400
"Columns of one agent, with the copies that a month makes."
BYTES_PER_EVENT = 120
"Columns of one achievement, contract or deal."
BYTES_PER_CELL = 8 * 50 * 25
"One month of the recorder: metrics times places."
EVENT_RATES = ("research.births", "exchange.contracts")
"Paths of annual numbers of events, at scale 1, that a run keeps to its end."
COUNTS = ("populations.branches_at_start", "platform.capacity", "finance.investment.deals")
"Paths of other numbers of things, at scale 1."

Estimate = Callable[[Scenario[Any]], float]


def estimate_bytes(scenario: Scenario[Any]) -> float:
    """Memory that one run needs at its end, to within a factor of two or so."""
    document = scenario.document
    months = months_between(document.start, document.end) + 1
    things = AGENTS_AT_SCALE_1 + sum(_value(scenario, path) for path in COUNTS)
    events = sum(_value(scenario, path) for path in EVENT_RATES) * months / 12
    at_scale_1 = things * BYTES_PER_AGENT + events * BYTES_PER_EVENT
    return BYTES_AT_ANY_SCALE + float(document.scale) * at_scale_1 + months * BYTES_PER_CELL


def memory_bytes() -> float:
    """Physical memory of this machine; infinite where it cannot be asked."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


def refuse_if_impossible(
    scenario: Scenario[Any], *, memory: float | None = None, estimate: Estimate = estimate_bytes
) -> None:
    """RefusedError, naming what it would need, if a single run cannot fit in this machine's memory."""
    needed = estimate(scenario)
    held = memory_bytes() if memory is None else memory
    if needed > held:
        raise RefusedError(
            f"{scenario.file}: one run of {scenario.name} needs about {_words(needed)} of memory; "
            f"this machine has {_words(held)}.",
            remedy="  Make scale or the numbers of things smaller, or the time from start to end shorter.",
        )


def _value(scenario: Scenario[Any], path: str) -> float:
    try:
        return float(scenario.value(path))
    except KeyError:
        return 0.0


def _words(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} EB"

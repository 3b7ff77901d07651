"""Where two resolved scenarios differ: every value, whichever file or default it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.core.tables import table
from sim.scenario.merging import shown_value
from sim.scenario.resolved import Scenario
from sim.scenario.schema import WORDS_ABOUT_IT

ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs, as each scenario shows it."""

    path: str
    a: str
    b: str
    unit: str


def diff(a: Scenario[Any], b: Scenario[Any]) -> list[Difference]:
    """Every value that differs and can change a result, in the order of the document."""
    skipped: dict[str, Any] = dict.fromkeys(WORDS_ABOUT_IT)
    units = {path: why.unit or "" for one in (a, b) for path, why in one.provenance.items()}
    return [
        Difference(path, old, new, _unit(path, units))
        for path, old, new in _walk({**a.resolved, **skipped}, {**b.resolved, **skipped}, "")
    ]


def as_table(rows: list[Difference], a: str, b: str) -> str:
    """The differences for a terminal."""
    if not rows:
        return "The two resolve to the same document."
    return table([(row.path, row.a, row.b, row.unit) for row in rows], ("path", a, b, "unit"))


def _walk(a: Mapping[str, Any], b: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key in [*a, *(key for key in b if key not in a)]:
        path = f"{prefix}{key}"
        old, new = a.get(key, ABSENT), b.get(key, ABSENT)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _walk(old, new, f"{path}.")
        elif old != new:
            yield path, shown_value(old), shown_value(new)


def _unit(path: str, units: Mapping[str, str]) -> str:
    """The unit of a parameter, or of the parameter that a key belongs to."""
    while path:
        if path in units:
            return units[path]
        path = path.rpartition(".")[0]
    return ""

"""Writes a resolved scenario as a file that a person can read and `load` reads back to the same digest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.scenario.conforming import Provenance
from sim.scenario.nodes import NULLS
from sim.scenario.shapes import declared

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_]*|\d{4}-\d{2}")
_NOT_PLAIN = NULLS | {"true", "false", "True", "False", "TRUE", "FALSE"}


def dump(scenario: Scenario[Any]) -> str:
    """Every value, with its unit as a comment, or with its evidence where that is not the declared one."""
    from sim.scenario.resolved import leaves, plain

    lines: list[str] = []
    open_blocks: tuple[str, ...] = ()
    for path, value, field in leaves(scenario.document):
        common = _common(open_blocks, path[:-1])
        for depth in range(common, len(path) - 1):
            lines.append(f"{'  ' * depth}{path[depth]}:")
        open_blocks = path[:-1]
        why = scenario.provenance[".".join(path)]
        # A plain value other than the default is read as set by its file: its evidence has to be written with it.
        told = declared(field)
        as_declared = _same_as_declared(why, told) and (not told.source or value == field.default)
        lines.extend(_leaf(path, plain(value), why, as_declared))
    return "\n".join(lines) + "\n"


def yaml_value(value: Any) -> str:
    """A plain value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {yaml_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(yaml_value(one) for one in value) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value)


def _leaf(path: tuple[str, ...], value: Any, why: Provenance, as_declared: bool) -> Iterator[str]:
    indent = "  " * (len(path) - 1)
    if as_declared:
        comment = f"  # {why.unit}" if why.unit not in (None, "1", "date") else ""
        yield f"{indent}{path[-1]}: {yaml_value(value)}{comment}"
        return
    told = {"unit": why.unit, "source": why.source, "grade": why.grade, "note": why.note}
    yield f"{indent}{path[-1]}:"
    yield f"{indent}  value: {yaml_value(value)}"
    for key, text in told.items():
        if text and not (key == "unit" and text == "date"):
            yield f"{indent}  {key}: {_text(text)}"


def _same_as_declared(why: Provenance, about: Any) -> bool:
    return (why.source, why.grade, why.note) == (about.source, about.grade, about.note)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _text(text: str) -> str:
    """Plain where no reader could take it for anything else, otherwise in double quotes with escapes."""
    if _PLAIN_TEXT.fullmatch(text) and text not in _NOT_PLAIN:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        letter if letter.isprintable() else f"\\u{ord(letter):04x}" if ord(letter) < 65536 else f"\\U{ord(letter):08x}"
        for letter in quoted
    )

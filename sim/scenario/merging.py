"""Lays one document over another: mappings key by key, lists and values whole, each change logged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import Finding
from sim.scenario.nodes import Block, Node, Place, Scalar
from sim.scenario.reading import read_text

_KEY = re.compile(r"[A-Za-z0-9_-]+")
_YEAR = re.compile(r"\d{4}", re.ASCII)
_PATH_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a later document set over an earlier one."""

    path: str
    old: str
    new: str
    place: Place

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new} ({self.place})"


Defaults = Callable[[tuple[str, ...]], str]


def overlay(base: Block, top: Block, log: list[Change], default: Defaults, path: tuple[str, ...] = ()) -> Block:
    """`top` over `base`; a value given with its evidence replaces whole: no source outlives its value."""
    merged = Block(top.place, dict(base.items), dict(base.keys))
    taken: set[str] = set()
    for written, node in top:
        key = _slot(written, base)
        key = written if key in taken else key
        taken.add(key)
        before = merged.items.get(key)
        below = (*path, key)
        if isinstance(node, Block) and "value" not in node.items:
            inner = before if isinstance(before, Block) and "value" not in before.items else Block(node.place)
            node = overlay(inner, node, log, default, below)
        else:
            _note(log, below, _shown(before) if before is not None else default(below), node)
        merged.add(key, node, top.keys[written])
    for key in top.keys.keys() - top.items.keys():
        merged.drop(key)
        merged.keys[key] = top.keys[key]
    return merged


def options(given: Iterable[str] | Mapping[str, object], label: str) -> tuple[list[Block], list[Finding]]:
    """Each `a.b=value` as a document of one value; `label` names its place, as in `--set a.b`."""
    texts = [f"{key}={json.dumps(value)}" for key, value in given.items()] if isinstance(given, Mapping) else given
    blocks: list[Block] = []
    findings: list[Finding] = []
    for text in texts:
        path, equals, value = text.partition("=")
        keys = [key.strip() for key in path.split(".")]
        place = Place(f"{label} {path.strip()}")
        if not equals or len(keys) > _PATH_LIMIT or not all(_KEY.fullmatch(key) for key in keys):
            message = f"not an assignment: write {label} a.b=value"
            findings.append(Finding(file=f"{label} {text}", message=message))
            continue
        reading = read_text(value, place.file)
        findings.extend(reading.findings)
        if reading.findings:
            continue
        node: Node = reading.root if reading.root is not None else Scalar("", place)
        for key in reversed(keys):
            block = Block(place)
            block.add(key, node, place)
            node = block
        assert isinstance(node, Block)
        blocks.append(node)
    return blocks, findings


def shown_value(value: Any) -> str:
    """A plain value as the log and the tables show it."""
    if isinstance(value, float):
        return format(value, ".12g")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value) or '""'


def _slot(key: str, block: Block) -> str:
    """The key under which a point of a path over dates already stands: 2013 and 2013-01 are one month."""
    january = f"{key}-01" if _YEAR.fullmatch(key) else key.removesuffix("-01")
    return january if key not in block.items and january in block.items else key


def _note(log: list[Change], path: tuple[str, ...], old: str, node: Node) -> None:
    new = _shown(node)
    if not _same(old, new):
        log.append(Change(".".join(path), old, new, node.place))


def _shown(node: Node) -> str:
    if isinstance(node, Block) and "value" in node.items:
        unit = node.items.get("unit")
        return f"{_shown(node.items['value'])}{f' {unit}' if unit is not None else ''}"
    return "null" if isinstance(node, Scalar) and node.is_null else str(node)


def _same(old: str, new: str) -> bool:
    try:
        return float(old) == float(new)
    except ValueError:
        return old == new

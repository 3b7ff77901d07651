"""A small YAML document as nodes of plain text, each with its line.

It is built from the parser's events, because a loader that guesses types or follows aliases is the usual way
in for trouble: what a text means, a number or a yes, is said by who asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.region.problems import KEY, Problems, as_number, decode

MAX_YAML_BYTES = 256 * 1024
MAX_YAML_EVENTS = 10_000
MAX_YAML_DEPTH = 8


@dataclass(frozen=True)
class Node:
    """A value of a YAML file: text, a list or a mapping, with the line it stands on."""

    file: Path
    line: int
    path: str
    value: str | list[Node] | dict[str, Node]
    problems: Problems

    def fault(self, message: str, allowed: Iterable[str] | str = "") -> None:
        found = self.value if isinstance(self.value, str) else type(self.value).__name__
        self.problems.add(message, file=self.file, line=self.line, path=self.path, found=found, allowed=allowed)

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node]:
        """This mapping, with exactly these keys; a stand-in fills what is missing."""
        needed, known = tuple(required), (*required, *optional)
        if not isinstance(self.value, dict):
            self.fault("not a mapping", "a mapping with " + ", ".join(known))
            return {name: self._stand_in(name) for name in known}
        for name, node in self.value.items():
            if name not in known:
                self.problems.add(
                    "unknown key", file=node.file, line=node.line, path=node.path, found=name, allowed=known
                )
        for name in needed:
            if name not in self.value:
                self.fault(f"{name} is missing", "a mapping with " + ", ".join(known))
        return {name: self.value.get(name) or self._stand_in(name) for name in known}

    def _stand_in(self, name: str) -> Node:
        return Node(self.file, self.line, f"{self.path}.{name}".lstrip("."), "", Problems())

    def items(self) -> list[Node]:
        if isinstance(self.value, list) and self.value:
            return self.value
        self.fault("not a list", "a list with at least one entry")
        return []

    def text(self) -> str:
        if isinstance(self.value, str) and self.value:
            return self.value
        self.fault("no text")
        return ""

    def key(self, pattern: re.Pattern[str] = KEY) -> str:
        if not pattern.fullmatch(self.text()):
            self.fault("not a key", f"text that matches {pattern.pattern}")
        return self.text()

    def number(self, low: float, high: float) -> float:
        value = as_number(self.text())
        if not low <= value <= high:
            self.fault("not a number in its range", f"a number from {low:g} to {high:g}")
            return low
        return value

    def yes(self) -> bool:
        if self.text() not in ("true", "false"):
            self.fault("neither true nor false", ("true", "false"))
        return self.text() == "true"


def read_yaml(path: Path, content: bytes, problems: Problems) -> Node:
    """A small YAML document as nodes of plain text; aliases, tags and repeated keys are refused."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    if len(content) > MAX_YAML_BYTES:
        problems.add("file too large", file=path, allowed=f"at most {MAX_YAML_BYTES} bytes")
        problems.stop_if_any()
    text = decode(path, content, problems) or ""
    problems.stop_if_any()
    events: list[Any] = []
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.start_mark.line + 1
            depth += {"MappingStart": 1, "SequenceStart": 1, "MappingEnd": -1, "SequenceEnd": -1}.get(
                type(event).__name__.removesuffix("Event"), 0
            )
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                problems.add("anchors, aliases and tags are not allowed here", file=path, line=line)
            if depth > MAX_YAML_DEPTH or len(events) >= MAX_YAML_EVENTS:
                problems.add("too deep or too long", file=path, line=line, allowed=f"depth {MAX_YAML_DEPTH}")
            problems.stop_if_any()
            events.append(event)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "cannot be parsed"
        problems.add(f"not YAML: {reason}", file=path, line=mark.line + 1 if mark else 0)
        problems.stop_if_any()
    body = iter(event for event in events if not type(event).__name__.startswith(("Stream", "Document")))
    first = next(body, None)
    if first is None:
        problems.add("an empty file", file=path)
        problems.stop_if_any()
    node = _node(path, first, body, "", problems)
    problems.stop_if_any()
    return node


def _node(path: Path, event: Any, rest: Iterator[Any], where: str, problems: Problems) -> Node:
    kind = type(event).__name__
    line = event.start_mark.line + 1
    if kind == "SequenceStartEvent":
        entries: list[Node] = []
        while type(following := next(rest)).__name__ != "SequenceEndEvent":
            entries.append(_node(path, following, rest, f"{where}[{len(entries)}]", problems))
        return Node(path, line, where, entries, problems)
    if kind == "MappingStartEvent":
        mapping: dict[str, Node] = {}
        while type(following := next(rest)).__name__ != "MappingEndEvent":
            name = following.value if type(following).__name__ == "ScalarEvent" else ""
            below = f"{where}.{name}".lstrip(".")
            at = following.start_mark.line + 1
            if not name:
                problems.add("a key must be text", file=path, line=at, path=where)
                problems.stop_if_any()
            value = _node(path, next(rest), rest, below, problems)
            if name in mapping:
                message = f"key given twice, first in line {mapping[name].line}"
                problems.add(message, file=path, line=at, path=below)
            mapping[name] = value
        return Node(path, line, where, mapping, problems)
    return Node(path, line, where, event.value, problems)

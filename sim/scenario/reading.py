"""Reads a scenario file into nodes, and refuses whatever a scenario has no need of.

It works on YAML events with limits counted before anything is built: a file of four hundred bytes can ask
other readers for gigabytes. Aliases, merge keys and tags are refused altogether; `extends` does their work
in the open. Nothing here interprets a value.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.errors import Finding
from sim.scenario.nodes import Block, Listing, Node, Place, Scalar

# Scanning is done in Python: at this size the worst text is still refused within a second.
LARGEST_FILE = 1 << 17
DEEPEST = 32
MOST_NODES = 10_000
MOST_FINDINGS = 25

# Control characters, direction marks and separators that show one thing and mean another.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: its nodes as far as they could be read, what is wrong, and its fingerprint."""

    root: Node | None
    findings: tuple[Finding, ...]
    digest: str = ""
    size: int = 0


class _Stop(Exception):
    """A fault after which the rest of the file cannot be trusted."""


def read_file(path: Path, shown: str | None = None) -> Reading:
    """The nodes of a regular file of at most 128 KiB; `shown` is its name in findings."""
    name = str(path) if shown is None else shown
    try:
        data = _bytes_of(path)
    except OSError as error:
        return Reading(None, (Finding(file=name, message=_reason(error)),))
    return read_bytes(data, name)


def read_bytes(data: bytes, name: str) -> Reading:
    """The nodes of a file's bytes."""
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    text = _text_of(data, name)
    if isinstance(text, Finding):
        return Reading(None, (text,), digest, len(data))
    root, findings = _Composer(name).compose(text)
    return Reading(root, findings, digest, len(data))


def read_text(text: str, label: str) -> Reading:
    """The nodes of one value given on a command line; `label` stands for its place, without lines."""
    if len(text) > LARGEST_FILE:
        return Reading(None, (Finding(file=label, message="the value is too long"),))
    if hidden := _hidden(text, label, with_lines=False):
        return Reading(None, (hidden,))
    root, findings = _Composer(label, with_lines=False).compose(text)
    return Reading(root, findings)


def _bytes_of(path: Path) -> bytes:
    """Read once, never waiting on a pipe, never more than the cap even if the file grows meanwhile."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(stream.fileno())
        if stat.S_ISDIR(status.st_mode):
            raise OSError(errno.EISDIR, "is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        data = stream.read(LARGEST_FILE + 1) if status.st_size <= LARGEST_FILE else None
    if data is None or len(data) > LARGEST_FILE:
        raise OSError(errno.EFBIG, f"is larger than {LARGEST_FILE:,} bytes, the most a scenario may have")
    return data


def _reason(error: OSError) -> str:
    words = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "may not be read (permission denied)",
        errno.EISDIR: "is a folder, not a file",
        errno.ENXIO: "is not a regular file",
        errno.ENOTDIR: "there is no such file",
        errno.ENAMETOOLONG: "the name is too long for a file",
        errno.ELOOP: "its links lead round in a circle",
    }
    return words.get(error.errno or 0, error.strerror or "cannot be read")


def _text_of(data: bytes, name: str) -> str | Finding:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Finding(file=name, message="the file is UTF-16, not UTF-8; save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 at byte {error.start} (0x{data[error.start]:02x}); save the file as UTF-8"
        return Finding(file=name, line=line, message=message)
    return _hidden(text, name) or text


def _hidden(text: str, name: str, with_lines: bool = True) -> Finding | None:
    found = _HIDDEN.search(text)
    if found is None:
        return None
    line, column = 0, 0
    if with_lines:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
    message = f"a hidden character, U+{ord(found[0]):04X}, which a scenario may not hold"
    return Finding(file=name, line=line, column=column, message=message)


class _Composer:
    """Builds nodes from events, counting; everything wrong is listed and the rest goes on."""

    def __init__(self, name: str, with_lines: bool = True) -> None:
        self._name = name
        self._with_lines = with_lines
        self._findings: list[Finding] = []
        self._nodes = 0

    def compose(self, text: str) -> tuple[Node | None, tuple[Finding, ...]]:
        try:
            root = self._document(YAML(typ="safe", pure=True).parse(text))
        except _Stop:
            root = None
        except MarkedYAMLError as error:
            self._syntax(error)
            root = None
        except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            # The scanner trips over some malformed text instead of naming the fault.
            self._note(Place(self._name), f"not readable as YAML ({str(error) or type(error).__name__})")
            root = None
        return root, tuple(self._findings)

    def _document(self, events: Iterator[Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "a second document begins here; a scenario file holds one")
                if event.version or event.tags:
                    self._stop(event, "directives (%YAML, %TAG) are not read; the file is YAML 1.2 without tags")
            elif isinstance(event, NodeEvent):
                root = self._node(event, events, 1, "")
        return root

    def _node(self, event: Event, events: Iterator[Event], depth: int, path: str) -> Node | None:
        """One node and all below it; None where it was refused (its events are used up all the same)."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._stop(event, f"more than {MOST_NODES:,} values")
        if depth > DEEPEST:
            self._stop(event, f"nested more than {DEEPEST} deep")
        place = self._place(event)
        refused = self._refuse_extras(event, place, path)
        if isinstance(event, AliasEvent):
            return None
        if isinstance(event, ScalarEvent):
            if not refused and (hidden := _HIDDEN.search(event.value)):
                self._note(place, f"a hidden character, U+{ord(hidden[0]):04X}", path)
                refused = True
            return None if refused else Scalar(event.value, place, quoted=event.style is not None)
        below = self._listing if isinstance(event, SequenceStartEvent) else self._block
        node = below(events, place, depth, path)
        return None if refused else node

    def _listing(self, events: Iterator[Event], place: Place, depth: int, path: str) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            node = self._node(event, events, depth + 1, f"{path}.{len(items)}")
            if node is not None:
                items.append(node)
        return Listing(tuple(items), place)

    def _block(self, events: Iterator[Event], place: Place, depth: int, path: str) -> Block:
        block = Block(place)
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._key(event, events, depth, path)
            below = f"{path}.{key.text}" if path and key else key.text if key else path
            node = self._node(next(events), events, depth + 1, below)
            if key is None:
                continue
            if key.text in block.keys:
                first = block.keys[key.text]
                message = f"the key stands twice in its block, first on line {first.line}"
                self._note(key.place, message if first.line else "the key stands twice in its block", below)
            elif node is not None:
                if isinstance(node, Scalar) and not node.text and not node.quoted:
                    node = replace(node, place=key.place)  # nothing was written: the next line is no place
                block.add(key.text, node, key.place)
            else:
                block.keys[key.text] = key.place
        return block

    def _key(self, event: Any, events: Iterator[Event], depth: int, path: str) -> Scalar | None:
        place = self._place(event)
        known = len(self._findings)
        key = self._node(event, events, depth + 1, path)
        if not isinstance(key, Scalar):
            if len(self._findings) == known:
                self._note(place, "a key must be a plain name", path)
            return None
        if key.text == "<<" and not key.quoted:
            self._note(place, "merge keys are not read; take common parts from another file with `extends`", path)
            return None
        if not key.text:
            self._note(place, "a key without a name", path)
            return None
        return key

    def _refuse_extras(self, event: Any, place: Place, path: str) -> bool:
        """Anchors, aliases and tags."""
        if isinstance(event, AliasEvent):
            advice = "aliases (*name) are not read; take common parts from another file with `extends`"
            self._note(place, advice, path, f"*{event.anchor}")
            return True
        if event.anchor is not None:
            advice = "anchors (&name) are not read; take common parts from another file with `extends`"
            self._note(place, advice, path, f"&{event.anchor}")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._note(place, "tags (!name) are not read; write the plain value", path, str(tag))
        return tag is not None

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._name, mark.line + 1, mark.column + 1) if self._with_lines else Place(self._name)

    def _note(self, place: Place, message: str, path: str = "", found: str = "") -> None:
        self._findings.append(place.finding(message, path, found=found))
        if len(self._findings) >= MOST_FINDINGS:
            raise _Stop

    def _stop(self, event: Any, message: str) -> None:
        self._note(self._place(event), message)
        raise _Stop

    def _syntax(self, error: MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        place = Place(self._name)
        if mark is not None and self._with_lines:
            place = Place(self._name, mark.line + 1, mark.column + 1)
        problem = error.problem or error.context or "cannot be read"
        advice = "; indent with spaces, not tabs" if "'\\t'" in problem else ""
        self._note(place, f"not readable as YAML: {problem}{advice}")

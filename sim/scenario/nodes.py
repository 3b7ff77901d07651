"""What a scenario file holds, before anyone says what it means: text with its place.

Scalars keep the text as written, because only the schema knows whether `no` is a word or a mistake, and
`2016-07` a month or a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sim.errors import Finding

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written; line and column count from 1, and are 0 where there are none."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def finding(
        self, message: str, path: str = "", *, found: str = "", allowed: str = "", nearest: str = ""
    ) -> Finding:
        """What is wrong here."""
        return Finding(
            file=self.file,
            line=self.line,
            column=self.column,
            path=path,
            message=message,
            found=found,
            allowed=allowed,
            nearest=nearest,
        )


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value, as written."""

    text: str
    place: Place
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value."""
        return not self.quoted and self.text in NULLS

    def __str__(self) -> str:
        return self.text if self.text else '""' if self.quoted else "nothing"


@dataclass(frozen=True, slots=True)
class Listing:
    """Values in order."""

    items: tuple[Node, ...]
    place: Place

    def __str__(self) -> str:
        return "[" + ", ".join(str(item) for item in self.items) + "]"


@dataclass(slots=True)
class Block:
    """Named values; each key remembers its own place."""

    place: Place
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)

    def add(self, key: str, node: Node, place: Place) -> None:
        """Set a value, over one that is there."""
        self.items[key] = node
        self.keys[key] = place

    def drop(self, key: str) -> None:
        """Take a value out, if it is there."""
        self.items.pop(key, None)
        self.keys.pop(key, None)

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self.items.items())

    def __str__(self) -> str:
        return "{" + ", ".join(f"{key}: {node}" for key, node in self.items.items()) + "}"


Node: TypeAlias = Scalar | Listing | Block

"""A scenario as the program runs it: complete, validated, and able to say where each value comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from pydantic.fields import FieldInfo
from typing_extensions import TypeVar

from sim.core.params import Section
from sim.errors import Finding
from sim.scenario.conforming import Provenance
from sim.scenario.merging import Change
from sim.scenario.nodes import Place
from sim.scenario.schema import WORDS_ABOUT_IT, Header, ScenarioDocument

D = TypeVar("D", bound=Header, default=ScenarioDocument)

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read, once, and what it was when it was read."""

    file: str
    digest: str
    "BLAKE2b-256 of its bytes."
    size: int


@dataclass(frozen=True, slots=True)
class Scenario(Generic[D]):
    """The result of `load`."""

    document: D
    file: Path
    resolved: Mapping[str, Any]
    "The whole document as plain values, in the order of declaration; named items sorted by name."
    digest: str
    origins: Mapping[str, str]
    "Path of each parameter -> `file:line` that set it, or `default`."
    provenance: Mapping[str, Provenance]
    log: tuple[Change, ...]
    "What each document and option changed, in order of precedence."
    sources: tuple[SourceFile, ...]
    places: Mapping[tuple[str, ...], Place]

    @property
    def name(self) -> str:
        """Plain name: that of the folder of its results."""
        return self.document.name

    def value(self, path: str) -> Any:
        """The resolved value at a dotted path; KeyError if there is none."""
        here: Any = self.resolved
        for key in path.split("."):
            here = here[key]
        return here

    def finding(self, path: str, message: str, *, found: str = "", allowed: str = "", nearest: str = "") -> Finding:
        """A finding at the place where a value, or the block around it, was written."""
        keys = tuple(path.split("."))
        while keys and keys not in self.places:
            keys = keys[:-1]
        place = self.places.get(keys, Place(str(self.file)))
        return place.finding(message, path, found=found, allowed=allowed, nearest=nearest)

    def dump_yaml(self) -> str:
        """The whole document as a scenario file that reads back to itself."""
        from sim.scenario.dumping import dump

        return dump(self)


def plain(value: Any) -> Any:
    """A section, path or tuple as plain values, named items sorted."""
    if isinstance(value, Section):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if hasattr(value, "as_mapping"):
        return plain(value.as_mapping())
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def leaves(value: Section, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, FieldInfo]]:
    """Every parameter of a document with its value and declaration, in order."""
    for name, field in type(value).model_fields.items():
        one = getattr(value, name)
        if isinstance(one, Section):
            yield from leaves(one, (*path, name))
        elif isinstance(one, Mapping) and one and all(isinstance(item, Section) for item in one.values()):
            for key in sorted(one):
                yield from leaves(one[key], (*path, name, key))
        else:
            yield (*path, name), one, field


def digest_of(resolved: Mapping[str, Any]) -> str:
    """BLAKE2b-256 of all that can change a result: the document without the words about it."""
    content = {key: value for key, value in resolved.items() if key not in WORDS_ABOUT_IT}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()

"""What a field of a section accepts, read from its annotation, and every parameter of a schema in order."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.core.dates import IS_MONTH, DatedPath
from sim.core.params import Section


@dataclass(frozen=True, slots=True)
class Shape:
    """The arms of an annotation, sorted by what a scenario file would show."""

    optional: bool = False
    words: tuple[str, ...] = ()
    numbers: tuple[type, ...] = ()
    switch: bool = False
    text: bool = False
    month: bool = False
    path: bool = False
    sections: tuple[type[Section], ...] = ()
    values: Any = None
    "Type of the values of a mapping."
    items: Any = None
    "Type of the items of a list."
    anything: bool = False
    "Whether values are taken as YAML 1.2 reads them, such as the settings of an experiment's arm."

    @property
    def is_leaf(self) -> bool:
        """Whether it holds a value, which may carry a unit and a source, rather than more keys."""
        named = self.values is not None and bool(shape_of(self.values).sections)
        return not self.sections and not named

    def in_words(self) -> str:
        """What may be written, for a reader."""
        parts = [
            "keys" if self.sections or self.values is not None else "",
            "a list" if self.items is not None else "",
            "numbers by date, such as {2013: 0.5, 2016-07: 1.0}" if self.path else "",
            ", ".join(self.words),
            "a whole number" if self.numbers == (int,) else "a number" if self.numbers else "",
            "true or false" if self.switch else "",
            "a month, YYYY-MM" if self.month else "text" if self.text else "",
            "null" if self.optional else "",
        ]
        return " or ".join(part for part in parts if part) or "any value"


def shape_of(annotation: Any) -> Shape:
    """The shape of one annotation, unions taken apart."""
    found: dict[str, Any] = {}
    for arm in _arms(annotation):
        base = _bare(arm)
        origin = typing.get_origin(base)
        if base is Any:
            found["anything"] = True
        elif base is type(None):
            found["optional"] = True
        elif origin is Literal:
            found["words"] = (*found.get("words", ()), *(str(word) for word in typing.get_args(base)))
        elif base is bool:
            found["switch"] = True
        elif base in (int, float):
            found["numbers"] = (*found.get("numbers", ()), base)
        elif base is str:
            found["month" if IS_MONTH in typing.get_args(arm) else "text"] = True
        elif base is DatedPath:
            found["path"] = True
        elif isinstance(base, type) and issubclass(base, Section):
            found["sections"] = (*found.get("sections", ()), base)
        elif origin in (dict, Mapping):
            found["values"] = typing.get_args(base)[1]
        elif origin in (list, tuple, frozenset, set):
            found["items"] = typing.get_args(base)[0]
        else:
            raise TypeError(f"a scenario cannot hold {base!r}")
    return Shape(**found)


def _arms(annotation: Any) -> list[Any]:
    bare = _bare(annotation)
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        return [arm for one in typing.get_args(bare) for arm in _arms(one)]
    return [annotation]


def _bare(annotation: Any) -> Any:
    return _bare(typing.get_args(annotation)[0]) if typing.get_origin(annotation) is typing.Annotated else annotation


def field_shape(field: FieldInfo) -> Shape:
    """The shape of a field; what annotated the field as a whole, pydantic has moved into `metadata`."""
    shape = shape_of(field.annotation)
    return replace(shape, text=False, month=True) if IS_MONTH in field.metadata else shape


@dataclass(frozen=True, slots=True)
class Declared:
    """What the declaration of a field says beside its type."""

    unit: str | None = None
    source: str = ""
    grade: str = ""
    prior: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    written: str | None = None
    "The unit a file gave beside the value, where it is not the declared one."

    @property
    def range_in_words(self) -> str:
        """Between which values it must lie; empty where it may be any."""
        unit = "" if self.unit in (None, "1") else f" {self.unit}"
        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            return f"at least {self.low:g}{unit}"
        if self.low is None:
            return f"at most {self.high:g}{unit}"
        return f"{self.low:g} to {self.high:g}{unit}"

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def declared(field: FieldInfo) -> Declared:
    """Unit, range and provenance of a field; empty where it is not a quantity."""
    extra = field.json_schema_extra
    written: Any = extra.get("quantity", {}) if isinstance(extra, dict) else {}
    low = next((mark.ge for mark in field.metadata if hasattr(mark, "ge")), None)
    high = next((mark.le for mark in field.metadata if hasattr(mark, "le")), None)
    return Declared(low=low, high=high, **written)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared value of a schema; named items of a mapping stand as `<name>`."""

    path: str
    meaning: str
    shape: Shape
    declared: Declared
    default: Any
    "The declared default, or `PydanticUndefined` where the file must say."

    @property
    def required(self) -> bool:
        """Whether a file must give it."""
        return self.default is PydanticUndefined


def parameters(schema: type[Section], prefix: str = "") -> Iterator[Parameter]:
    """Every parameter below a section, in the order of declaration."""
    for name, field in schema.model_fields.items():
        path = f"{prefix}{name}"
        shape = field_shape(field)
        for section in shape.sections:
            yield from parameters(section, f"{path}.")
        if shape.values is not None:
            for section in shape_of(shape.values).sections:
                yield from parameters(section, f"{path}.<name>.")
        if shape.is_leaf or shape.words or shape.numbers:
            default = field.get_default(call_default_factory=True, validated_data={})
            yield Parameter(path, field.description or "", shape, declared(field), default)


def sections(schema: type[Section], prefix: str = "") -> Iterator[tuple[str, type[Section], str]]:
    """Every section and lever below a schema: path, type, meaning."""
    for name, field in schema.model_fields.items():
        shape = field_shape(field)
        below = shape_of(shape.values).sections if shape.values is not None else ()
        for section in (*shape.sections, *below):
            yield f"{prefix}{name}", section, field.description or section.__doc__ or ""
            yield from sections(section, f"{prefix}{name}." + ("<name>." if below else ""))

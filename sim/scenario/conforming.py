"""Holds a merged document against its schema, and tells for each misfit where it was written.

The walk takes units off, refuses ambiguous values and unknown keys, and remembers places; what it hands to
pydantic is plain and in declared units. A value that the walk refused is left out, so that one mistake is
told once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined

from sim.core.dates import month_of, point_of
from sim.core.params import GRADES, Section
from sim.errors import Finding
from sim.scenario import scalars
from sim.scenario.nodes import Block, Listing, Node, Place, Scalar
from sim.scenario.scalars import Misfit
from sim.scenario.shapes import Declared, Shape, declared, field_shape, shape_of

S = TypeVar("S", bound=Section)
Path = tuple[str, ...]

# A value may be given with its evidence: {value: 0.8, unit: bn yuan, source: fact:A01, grade: H, note: ...}.
EVIDENCE_KEYS = ("value", "unit", "source", "grade", "note")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why a value is what it is."""

    unit: str | None
    source: str
    grade: str
    prior: str = ""
    note: str = ""


@dataclass(slots=True)
class Conformed(Generic[S]):
    """The document, if it could be made, and what was learnt on the way."""

    document: S | None
    findings: list[Finding]
    places: dict[Path, Place]
    "Place of every value that a file or option gave."
    evidence: dict[Path, dict[str, str]]
    "Source, grade and note that were written beside a value."


def conform(root: Block, schema: type[S], *, lenient: bool = False) -> Conformed[S]:
    """Validate a merged document; `lenient` spares missing keys, for a document known to be incomplete."""
    walk = _Walk()
    plain = walk.section(root, schema, ())
    document: S | None = None
    try:
        document = schema.model_validate(plain)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if not (lenient and detail["type"] == "missing"):
                walk.translate(detail, schema)
    return Conformed(None if walk.findings else document, walk.findings, walk.places, walk.evidence)


@dataclass(slots=True)
class _Walk:
    findings: list[Finding] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    nodes: dict[Path, Node] = field(default_factory=dict)
    evidence: dict[Path, dict[str, str]] = field(default_factory=dict)
    refused: set[Path] = field(default_factory=set)

    def section(self, block: Block, schema: type[Section], path: Path) -> dict[str, Any]:
        """The plain values of a block whose keys are the fields of a section."""
        self._seen(block, path)
        fields = schema.model_fields
        plain: dict[str, Any] = {}
        self.refused.update((*path, key) for key in block.keys if key not in block.items)
        for key, node in block:
            below = (*path, key)
            if key not in fields:
                self._unknown(key, block.keys[key], below, list(fields))
                continue
            value = self._value(node, field_shape(fields[key]), declared(fields[key]), below)
            if value is not PydanticUndefined:
                plain[key] = value
        return plain

    def translate(self, detail: ErrorDetails, schema: type[Section]) -> None:
        """One error of pydantic as a finding at the place of its value, or of the nearest block around it."""
        path = _dotted(detail["loc"])
        if any(path[: len(refused)] == refused for refused in self.refused):
            return
        known = path
        while known not in self.places and known:
            known = known[:-1]
        place = self.places.get(known, Place(""))
        message, allowed, nearest = _worded(detail)
        node = self.nodes.get(path)
        found = str(node) if isinstance(node, Scalar) else ""
        self._note(place, path if detail["type"] == "missing" else known, message, found, allowed, nearest)

    def _value(self, node: Node, shape: Shape, about: Declared, path: Path) -> Any:
        """The plain value of one node; PydanticUndefined where it was refused."""
        self._seen(node, path)
        try:
            if shape.anything:
                return _as_read(node)
            if isinstance(node, Block):
                return self._of_block(node, shape, about, path)
            if isinstance(node, Listing):
                if shape.items is None:
                    raise Misfit("a list where one value is expected", allowed=shape.in_words())
                return self._list(node, shape, about, path)
            return self._scalar(node, shape, about, path)
        except Misfit as misfit:
            found = "" if isinstance(node, Block) else str(node)
            self._note(node.place, path, misfit.message, found, misfit.allowed, misfit.nearest)
            return PydanticUndefined

    def _of_block(self, block: Block, shape: Shape, about: Declared, path: Path) -> Any:
        if shape.is_leaf and "value" in block.items:
            return self._with_evidence(block, shape, about, path)
        if shape.path:
            return self._dates(block, about, path)
        if shape.sections:
            return self.section(block, _best(shape.sections, block), path)
        if shape.values is not None:
            return self._named(block, shape_of(shape.values), about, path)
        example = "; a value with its source is {value: ..., source: ...}" if shape.is_leaf else ""
        raise Misfit(f"keys where a value is expected{example}", allowed=_allowed(shape, about))

    def _with_evidence(self, block: Block, shape: Shape, about: Declared, path: Path) -> Any:
        """A value given with unit, source, grade or note; a plain value is then in the unit beside it."""
        beside: dict[str, str] = {}
        for key, node in block:
            if key not in EVIDENCE_KEYS:
                self._unknown(key, block.keys[key], (*path, key), EVIDENCE_KEYS)
            elif key != "value" and isinstance(node, Scalar) and not node.is_null:
                beside[key] = node.text
            elif key != "value":
                self._note(node.place, (*path, key), "not text", "", "text", "")
        if (grade := beside.get("grade")) is not None and grade not in GRADES:
            near = scalars.nearest(grade, list(GRADES))
            self._note(block.items["grade"].place, (*path, "grade"), "no such grade", grade, ", ".join(GRADES), near)
        unit = beside.pop("unit", None)
        if unit is not None and not self._unit_fits(unit, about, block.items["unit"].place, (*path, "unit")):
            return PydanticUndefined
        self.evidence[path] = beside
        value = block.items["value"]
        if isinstance(value, Block) and not shape.path and shape.values is None:
            raise Misfit("keys where a value is expected", allowed=_allowed(shape, about))
        return self._value(value, shape, replace(about, written=unit), path)

    def _unit_fits(self, unit: str, about: Declared, place: Place, path: Path) -> bool:
        try:
            if about.unit is None:
                raise Misfit("this value has no unit")
            scalars.in_unit(Fraction(1), unit, about.unit)
        except Misfit as misfit:
            self._note(place, path, misfit.message, unit, misfit.allowed, misfit.nearest)
            return False
        return True

    def _dates(self, block: Block, about: Declared, path: Path) -> Any:
        points: dict[str, float] = {}
        for key, node in block:
            below = (*path, key)
            self._seen(node, below)
            try:
                month = point_of(key)
                self._seen(node, (*path, month))
                if month in points:
                    raise Misfit(f"two points for {month}")
                if not isinstance(node, Scalar):
                    raise Misfit("not a number", allowed=_allowed(Shape(numbers=(float,)), about))
                if not node.is_null:
                    points[month] = self._number(node, about, (float,))
            except ValueError as error:
                self._note(block.keys[key], below, str(error), key, "a year or a month, YYYY or YYYY-MM", "")
            except Misfit as misfit:
                self._note(node.place, below, misfit.message, str(node), misfit.allowed, misfit.nearest)
        return points if points or not self._refused_below(path) else PydanticUndefined

    def _named(self, block: Block, shape: Shape, about: Declared, path: Path) -> Any:
        """Items keyed by name; `null` takes an inherited one away."""
        taken = {
            key: self._value(node, shape, about, (*path, key))
            for key, node in block
            if shape.optional or shape.anything or not (isinstance(node, Scalar) and node.is_null)
        }
        return {key: value for key, value in taken.items() if value is not PydanticUndefined}

    def _list(self, listing: Listing, shape: Shape, about: Declared, path: Path) -> Any:
        inner = shape_of(shape.items)
        taken = [self._value(node, inner, about, (*path, str(at))) for at, node in enumerate(listing.items)]
        return PydanticUndefined if any(value is PydanticUndefined for value in taken) else taken

    def _scalar(self, scalar: Scalar, shape: Shape, about: Declared, path: Path) -> Any:
        if scalar.is_null and shape.optional:
            return None
        if scalar.is_null and not shape.text:
            message = "no value; leave the key out to keep what is inherited"
            raise Misfit(message, allowed=_allowed(shape, about))
        if scalar.text in shape.words:
            return scalar.text
        if shape.numbers:
            return self._number(scalar, about, shape.numbers, shape.words)
        if shape.switch:
            return scalars.switch(scalar)
        if shape.month:
            try:
                return month_of(scalar.text)
            except ValueError as error:
                near = scalars.nearest(scalar.text, shape.words)
                raise Misfit(str(error), allowed=shape.in_words(), nearest=near) from None
        if shape.text:
            if scalar.is_null:
                raise Misfit("no value", allowed="text")
            return scalar.text
        near = scalars.nearest(scalar.text, shape.words) if shape.words else ""
        message = "not one of the words known here" if shape.words else "one value where more is expected"
        raise Misfit(message, allowed=_allowed(shape, about), nearest=near)

    def _number(
        self, scalar: Scalar, about: Declared, numbers: Sequence[type], words: Sequence[str] = ()
    ) -> float | int:
        try:
            exact, written = scalars.number(scalar, about.unit)
        except Misfit as misfit:
            if not words:
                raise
            allowed = f"{', '.join(words)} or {misfit.allowed or 'a number'}"
            raise Misfit(misfit.message, allowed=allowed, nearest=scalars.nearest(scalar.text, words)) from None
        if written is not None and about.written is not None:
            raise Misfit("the unit is given twice, in the value and beside it")
        if about.written is not None and about.unit is not None:
            exact = scalars.in_unit(exact, about.written, about.unit)
        value = scalars.as_float(exact) if float in numbers else scalars.as_int(exact)
        if not about.holds(value):
            meant = f" ({value:g} {about.unit})" if written or about.written else ""
            raise Misfit(f"out of range{meant}", allowed=about.range_in_words)
        return value

    def _seen(self, node: Node, path: Path) -> None:
        self.places[path] = node.place
        self.nodes[path] = node

    def _refused_below(self, path: Path) -> bool:
        return any(refused[: len(path)] == path for refused in self.refused)

    def _unknown(self, key: str, place: Place, path: Path, known: Sequence[str]) -> None:
        near = scalars.nearest(key, known)
        self._note(place, path, "unknown key", "", ", ".join(known), near)

    def _note(self, place: Place, path: Path, message: str, found: str, allowed: str, nearest: str) -> None:
        self.refused.add(path)
        self.findings.append(place.finding(message, ".".join(path), found=found, allowed=allowed, nearest=nearest))


def _as_read(node: Node) -> Any:
    if isinstance(node, Block):
        return {key: _as_read(one) for key, one in node}
    return [_as_read(one) for one in node.items] if isinstance(node, Listing) else scalars.plain(node)


def _best(options: Sequence[type[Section]], block: Block) -> type[Section]:
    """Of several sections that may stand here, the one that knows most of the keys."""
    return max(options, key=lambda option: sum(key in option.model_fields for key in block.items))


def _allowed(shape: Shape, about: Declared) -> str:
    range_ = about.range_in_words
    return f"{shape.in_words()}, {range_}" if range_ else shape.in_words()


def _dotted(location: Sequence[int | str]) -> Path:
    """Pydantic's location as a path of ours: its marks for keys of mappings are left out."""
    return tuple(str(part) for part in location if part != "[key]")


def _worded(detail: ErrorDetails) -> tuple[str, str, str]:
    """Message, what is allowed, and the nearest name, for what only pydantic can tell."""
    context: Mapping[str, Any] = detail.get("ctx") or {}
    match detail["type"]:
        case "missing":
            return "missing", "", ""
        case "value_error":
            return str(context.get("error", detail["msg"])), "", ""
        case "string_pattern_mismatch":
            return "not a plain name", "1 to 64 of the characters a-z, 0-9 and _", ""
        case "string_too_long":
            return "too long", f"at most {context.get('max_length')} characters", ""
        case _:
            message = detail["msg"]
            return message[:1].lower() + message[1:], "", ""


def provenance(place: str, about: Declared, beside: Mapping[str, str] | None, changed: bool) -> Provenance:
    """Why a value holds: what stands beside it, else the declaration, but never that of another value."""
    told = beside or {}
    unsourced = changed and about.unit is not None
    if not unsourced and not told:
        return Provenance(about.unit, about.source, about.grade, about.prior, about.note)
    source, grade = (f"set by {place}", "assumption") if changed else (about.source, about.grade)
    return Provenance(
        about.unit, told.get("source", source), told.get("grade", grade), about.prior, told.get("note", "")
    )

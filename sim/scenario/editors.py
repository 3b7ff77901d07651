"""The JSON Schema of scenario files, for editors that complete and check while one types.

It follows from the declarations; each value may also be text with a unit, or stand with its evidence.
"""

from __future__ import annotations

import re
from typing import Any

from sim.core.params import GRADES
from sim.core.units import ALIASES, alike
from sim.scenario.conforming import EVIDENCE_KEYS
from sim.scenario.schema import Header, ScenarioDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPECIAL = re.compile(r"[.^$*+?()[\]{}|\\]")


def json_schema(schema: type[Header] = ScenarioDocument) -> dict[str, Any]:
    """A document for the `$schema` or `yaml.schemas` setting of an editor."""
    drawn = schema.model_json_schema()
    for block in (drawn, *drawn.get("$defs", {}).values()):
        block.pop("required", None)  # what one file leaves out, another may give through extends
        properties = block.get("properties", {})
        block["properties"] = {name: _leaf(one) for name, one in properties.items()}
    extends = {"type": "string", "description": "A shipped scenario, or a file in this folder or below it."}
    return {"$schema": DIALECT, **drawn, "properties": {"extends": extends, **drawn["properties"]}}


def _leaf(drawn: dict[str, Any]) -> dict[str, Any]:
    """One property, widened by the forms with a unit and with evidence where it holds a value."""
    about = drawn.pop("quantity", None)
    if about is None and "$ref" in str(drawn):
        return _removable(drawn)
    outer: dict[str, Any] = {key: drawn.pop(key) for key in ("title", "description", "default") if key in drawn}
    plain, bare, units = [drawn], [drawn], [""]
    if about is not None:
        notes = (
            outer.get("description"),
            f"Unit: {about['unit']}.",
            f"Source: {about['source']} ({about['grade']}).",
        )
        outer["description"] = " ".join(note for note in notes if note)
        units = alike(about["unit"])
        if drawn.get("type") in ("number", "integer"):
            plain.append(_with_unit(units))
            bare = [{"type": "number"}, plain[1]]  # the range is that of the declared unit
    evidence = {
        "type": "object",
        "required": ["value"],
        "additionalProperties": False,
        "properties": {
            **{key: {"type": "string"} for key in EVIDENCE_KEYS},
            "value": {"anyOf": bare},
            "unit": {"enum": [*units, *_aliases(units)]},
            "grade": {"enum": list(GRADES)},
        },
    }
    return {**outer, "anyOf": [*plain, evidence]}


def _removable(drawn: dict[str, Any]) -> dict[str, Any]:
    """Named items may be null, which takes an inherited one away."""
    items = drawn.get("additionalProperties")
    return {**drawn, "additionalProperties": {"anyOf": [items, {"type": "null"}]}} if items else drawn


def _with_unit(units: list[str]) -> dict[str, Any]:
    names = [_SPECIAL.sub(r"\\\g<0>", name) for name in (*units, *_aliases(units)) if name != "1"]
    pattern = rf"^[-+]?[0-9.]+([eE][-+]?[0-9]+)? *({'|'.join(names)})$"
    return {
        "type": "string",
        "pattern": pattern,
        "examples": [f"0.5 {name}" for name in units if name != "1"],
    }


def _aliases(units: list[str]) -> list[str]:
    return [alias for alias, name in ALIASES.items() if name in units]

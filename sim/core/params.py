"""Parameters that carry their unit, range, source and evidence grade.

A number is declared once, on its line, with all that a reader needs to judge it; the schema of scenario
files, `jjj describe`, the manifest and the tests follow from the declaration.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Grade = Literal["H", "M", "L", "assumption"]
GRADES: dict[str, str] = {
    "H": "read in a source, about the right object",
    "M": "read, but transferred from another country, year or population, or derived from H",
    "L": "only its sign or shape is sourced, or it is judgement close to a source",
    "assumption": "judgement; keep it wide in a sensitivity analysis",
}


class Section(BaseModel):
    """A group of declared values: frozen, and unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, strict=False, use_attribute_docstrings=True
    )


def quantity(
    default: Any,
    unit: str,
    *,
    source: str,
    grade: Grade,
    low: float | None = None,
    high: float | None = None,
    prior: str | None = None,
    note: str | None = None,
) -> Any:
    """Declare one value of a `Section`; the docstring under the field says what it is.

    `unit` is a name of `units.UNITS`; `low` and `high` are inclusive and in that unit; `source` is a fact id
    (`fact:A01`), a citation, or the literal "assumption"; `prior` is the distribution for sensitivity analysis.
    """
    provenance = {
        "unit": unit,
        "source": source,
        "grade": grade,
        **({"prior": prior} if prior else {}),
        **({"note": note} if note else {}),
    }
    return Field(default, ge=low, le=high, json_schema_extra={"quantity": {**provenance}})

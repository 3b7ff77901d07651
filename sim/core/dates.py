"""Months as text, and quantities that change over dates.

The model counts months from a scenario's start; people write `2016-07`. These types are what stands in a
scenario file: a month stays text (YAML's own dates would differ by time zone and reader), and a path over
dates keeps only the points that were given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

FIRST_YEAR, LAST_YEAR = 1900, 2200
MONTH_PATTERN = r"^\d{4}-\d{2}(-\d{2})?$"
_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def month_of(text: object) -> str:
    """`2016-07` from `2016-07` or a day of it, `2016-07-09`: the model's clock has no days."""
    found = _MONTH.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("not a month: write the year and the month, such as 2016-07")
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    try:
        date(year, month, day)
    except ValueError:
        raise ValueError("no such date in the calendar: write the year and the month, such as 2016-07") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return f"{year:04d}-{month:02d}"


def point_of(key: object) -> str:
    """The month of a point on a path: a bare year means its January."""
    text = str(key) if isinstance(key, int) and not isinstance(key, bool) else key
    if isinstance(text, str) and _YEAR.fullmatch(text):
        text = f"{text}-01"
    return month_of(text)


def month_number(month: str) -> int:
    """Months since year 0: differences of these are the model's months."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def months_between(start: str, month: str) -> int:
    """The index of `month` for a scenario that begins at `start` (its own month is 0)."""
    return month_number(month) - month_number(start)


# The mark by which readers of annotations tell a month from other text.
IS_MONTH = BeforeValidator(month_of)

Month = Annotated[str, IS_MONTH, WithJsonSchema({"type": "string", "pattern": MONTH_PATTERN, "format": "month"})]
"A month, `YYYY-MM`; a day may be written and is dropped."


@dataclass(frozen=True, slots=True)
class DatedPath:
    """A quantity over dates: linear between the points given, level before the first and after the last."""

    points: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("a path needs at least one point, such as {2013: 1.0}")

    @classmethod
    def of(cls, points: Mapping[Any, float]) -> DatedPath:
        """From `{2013: 0.5, '2016-07': 1.0}`; two keys that mean the same month are refused."""
        by_month: dict[str, float] = {}
        for key, value in points.items():
            month = point_of(key)
            if month in by_month:
                raise ValueError(f"two points for {month}")
            by_month[month] = float(value)
        return cls(tuple(sorted(by_month.items())))

    def at(self, month: str) -> float:
        """The value in a month `YYYY-MM`."""
        dates = [point for point, _ in self.points]
        after = bisect_right(dates, month)
        if after == 0:
            return self.points[0][1]
        (earlier, low) = self.points[after - 1]
        if after == len(dates) or earlier == month:
            return low
        (later, high) = self.points[after]
        return low + (high - low) * months_between(earlier, month) / months_between(earlier, later)

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(self.points)

    # Ranges are declared with `low` and `high`, and pydantic compares: a path keeps to them in every point.
    def __ge__(self, low: float) -> bool:
        return all(value >= low for _, value in self.points)

    def __le__(self, high: float) -> bool:
        return all(value <= high for _, value in self.points)

    def as_mapping(self) -> dict[str, float]:
        return dict(self.points)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any) -> DatedPath:
            if isinstance(value, DatedPath):
                return value
            if not isinstance(value, Mapping):
                raise ValueError("not a path over dates: write {2013: 0.5, 2016-07: 1.0}")
            return cls.of(value)

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.as_mapping),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "patternProperties": {r"^\d{4}(-\d{2}(-\d{2})?)?$": {"type": "number"}},
            "additionalProperties": False,
            "minProperties": 1,
        }

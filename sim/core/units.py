"""The units that may be written, each with its dimension and its factor to the base of that dimension.

The table is closed: a unit that is not here is a mistake, not a new unit. Factors are exact fractions, so
that `0.8 bn yuan` where `m yuan` is declared is 800 and nothing beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """One way to write a dimension: a value times `factor` is the value in the dimension's base unit."""

    name: str
    dimension: str
    factor: Fraction
    meaning: str


def _table(*rows: tuple[str, str, Fraction | int, str]) -> dict[str, Unit]:
    names = [row[0] for row in rows]
    assert len(names) == len(set(names)), "a unit is declared twice"
    return {name: Unit(name, dimension, Fraction(factor), meaning) for name, dimension, factor, meaning in rows}


_MONEY = {"yuan": 1, "k yuan": 10**3, "m yuan": 10**6, "bn yuan": 10**9}
_TWELFTH = Fraction(1, 12)

# A new unit is one line here. Logarithms and dates are dimensions of their own: nothing converts into them.
UNITS: dict[str, Unit] = _table(
    ("1", "number", 1, "a plain number"),
    ("share", "number", 1, "a part of a whole, 0 to 1"),
    ("%", "number", Fraction(1, 100), "hundredths"),
    ("elasticity", "elasticity", 1, "per cent of change for one per cent of change"),
    ("log", "log", 1, "natural logarithm"),
    ("log odds", "log odds", 1, "natural logarithm of odds"),
    ("log odds/log hour", "log odds/log hour", 1, "change of log odds with the logarithm of hours"),
    ("log odds/hour", "log odds/hour", 1, "change of log odds with each hour"),
    ("count", "count", 1, "number of things"),
    ("k count", "count", 10**3, "thousands of things"),
    ("count/year", "count/time", 1, "things a year"),
    ("count/month", "count/time", 12, "things a month"),
    ("/year", "1/time", 1, "annual rate"),
    ("/month", "1/time", 12, "monthly rate"),
    ("%/year", "1/time", Fraction(1, 100), "hundredths a year"),
    ("/year^0.5", "1/time^0.5", 1, "standard deviation of an annual walk"),
    ("log/year", "log/time", 1, "logarithmic growth a year"),
    ("year", "time", 1, "year"),
    ("month", "time", _TWELFTH, "twelfth of a year"),
    ("hour", "travel time", 1, "hour on the way"),
    ("min", "travel time", Fraction(1, 60), "minute on the way"),
    ("km", "length", 1, "kilometre"),
    ("m", "length", Fraction(1, 1000), "metre"),
    *((name, "money", factor, "money of the day") for name, factor in _MONEY.items()),
    *((f"{name}/year", "money/time", factor, "money of the day, a year") for name, factor in _MONEY.items()),
    *((f"{name}/month", "money/time", 12 * factor, "money of the day, a month") for name, factor in _MONEY.items()),
    ("person", "people", 1, "people"),
    ("k person", "people", 10**3, "thousands of people"),
    ("date", "date", 1, "a month of the calendar, YYYY-MM"),
    ("name", "name", 1, "a word from a closed list"),
    ("switch", "switch", 1, "true or false"),
)

# What people write beside the names of the table.
ALIASES: dict[str, str] = {
    "months": "month",
    "years": "year",
    "hours": "hour",
    "h": "hour",
    "minutes": "min",
    "a year": "/year",
    "million yuan": "m yuan",
    "billion yuan": "bn yuan",
    "persons": "person",
    "people": "person",
}


def named(text: str) -> Unit | None:
    """The unit a reader wrote, by name or alias; None if the table has none."""
    return UNITS.get(ALIASES.get(text, text))


def alike(name: str) -> list[str]:
    """Every unit that converts to `name`, itself first."""
    dimension = UNITS[name].dimension
    return [name, *(other for other, row in UNITS.items() if row.dimension == dimension and other != name)]


def convert(value: Fraction, written: str, declared: str) -> Fraction:
    """The value in the declared unit; ValueError if the two measure different things."""
    one, other = UNITS[written], UNITS[declared]
    if one.dimension != other.dimension:
        raise ValueError(f"{written} measures {one.dimension}, {declared} measures {other.dimension}")
    return value * one.factor / other.factor

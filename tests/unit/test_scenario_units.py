"""Units: a closed table, exact conversions, and every declared quantity in it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core import units
from sim.core.params import GRADES
from sim.core.units import ALIASES, UNITS, alike, convert
from sim.scenario import scalars
from sim.scenario.nodes import Place, Scalar
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import Parameter, parameters

HERE = Place("here")


@pytest.mark.parametrize("one", list(parameters(ScenarioDocument)), ids=lambda one: one.path)
def test_parameter_is_declared_in_full(one: Parameter) -> None:
    assert one.meaning, "a docstring under the field says what it is"
    about = one.declared
    if about.unit is not None:
        assert about.unit in UNITS
        assert about.source
        assert about.grade in GRADES
    elif one.shape.numbers:
        pytest.fail("a number without unit and source cannot enter: declare it with quantity()")


def test_aliases_name_units() -> None:
    assert set(ALIASES.values()) <= set(UNITS)
    assert not set(ALIASES) & set(UNITS)


@given(st.sampled_from(sorted(UNITS)), st.fractions())
def test_conversion_there_and_back_is_exact(name: str, value: Fraction) -> None:
    for other in alike(name):
        assert convert(convert(value, name, other), other, name) == value


def test_other_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="km measures length, m yuan measures money"):
        convert(Fraction(1), "km", "m yuan")


@pytest.mark.parametrize(
    ("text", "declared", "value"),
    [
        ("0.8 bn yuan", "m yuan", 800.0),
        ("90 min", "hour", 1.5),
        ("30%", "share", 0.3),
        ("2 years", "month", 24.0),
        ("1 /month", "/year", 12.0),
        ("100 k yuan/year", "m yuan/year", 0.1),
        ("1e6", "1", 1e6),
        ("-.5", "log odds", -0.5),
        ("-0", "1", 0.0),
    ],
)
def test_value_with_unit(text: str, declared: str, value: float) -> None:
    exact, _ = scalars.number(Scalar(text, HERE), declared)
    assert scalars.as_float(exact) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_back(value: float) -> None:
    exact, _ = scalars.number(Scalar(repr(value), HERE), "1")
    assert scalars.as_float(exact) == value


@given(st.sampled_from(sorted(UNITS)), st.floats(-1e9, 1e9))
def test_every_unit_can_be_written(name: str, value: float) -> None:
    if name == "1":
        return
    exact, written = scalars.number(Scalar(f"{value!r} {name}", HERE), name)
    assert written == name
    assert scalars.as_float(exact) == value


def test_names_are_found_for_units() -> None:
    assert units.named("hours") == UNITS["hour"]
    assert units.named("furlong") is None

"""What a written value means where a number, a switch or a word is expected.

YAML 1.2, with the forms that other readers take for something else refused and explained: `1:30` (ninety),
`010` (eight), `no` (false), `1_000`, `1,5`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from fractions import Fraction

from sim.core import units
from sim.scenario.nodes import Scalar

LONGEST_NUMBER = 40
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_PLAIN = re.compile(_NUMBER)
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*([^0-9\s.].*)")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_OLD_SWITCHES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_NOT_FINITE = {".nan", "nan", ".inf", "inf", "+.inf", "+inf", "-.inf", "-inf", "infinity", "-infinity"}
# Shape of a number that readers disagree about -> why it is refused, and what to write.
_TRAPS = (
    (r"[-+]?[0-9]+(:[0-9]{1,2})+(\.[0-9]*)?", "some readers take it for base sixty", "write one number"),
    (r"[-+]?0[0-9]+", "some readers take the leading zero for octal", "write it without the zero"),
    (r"[-+]?0[xob][0-9a-fA-F_]+", "not a decimal number", "write it in decimal"),
    (r"[-+]?[0-9]+(_[0-9]+)+(\.[0-9]*)?", "underscores are not read", "write the digits alone"),
    (
        r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?",
        "thousands separators are not read",
        "write the digits alone",
    ),
    (r"[-+]?[0-9]+,[0-9]+", "a decimal comma is not read", "write a decimal point"),
)


class Misfit(Exception):
    """A value that does not fit its place; the caller knows the place."""

    def __init__(self, message: str, *, allowed: str = "", nearest: str = "") -> None:
        super().__init__(message)
        self.message, self.allowed, self.nearest = message, allowed, nearest


def number(scalar: Scalar, declared: str | None) -> tuple[Fraction, str | None]:
    """The number in its declared unit, exactly, and the unit that was written, if any."""
    text = scalar.text.strip()
    _refuse_non_numbers(scalar, text, declared)
    if _PLAIN.fullmatch(text):
        if scalar.quoted:
            raise Misfit("a number in quotes is text; take the quotes off")
        return _exact(text), None
    found = _WITH_UNIT.fullmatch(text)
    if found is None:
        raise Misfit("not a number", allowed=_allowed(declared))
    if declared is None:
        raise Misfit("this number has no unit", allowed="a plain number")
    return in_unit(_exact(found[1]), found[2].strip(), declared), found[2].strip()


def in_unit(value: Fraction, written: str, declared: str) -> Fraction:
    """A value written in one unit, in the declared one."""
    unit = units.named(written)
    if unit is None:
        options = units.alike(declared)
        raise Misfit(f'no unit is called "{written}"', allowed=_allowed(declared), nearest=nearest(written, options))
    try:
        return units.convert(value, unit.name, declared)
    except ValueError as error:
        raise Misfit(f"wrong unit: {error}", allowed=_allowed(declared)) from None


def as_float(value: Fraction) -> float:
    """The nearest double; zero has one sign."""
    try:
        result = float(value)
    except OverflowError:
        raise Misfit("too large for a number") from None
    return result + 0.0


def as_int(value: Fraction) -> int:
    """A whole number that fits 64 bits."""
    if value.denominator != 1:
        raise Misfit("not a whole number", allowed="a whole number")
    if not -(2**63) <= value.numerator < 2**63:
        raise Misfit("too large for a whole number of 64 bits")
    return value.numerator


def switch(scalar: Scalar) -> bool:
    """`true` or `false` and nothing else."""
    if not scalar.quoted and scalar.text in _TRUE:
        return True
    if not scalar.quoted and scalar.text in _FALSE:
        return False
    meant = _OLD_SWITCHES.get(scalar.text.lower(), "")
    advice = "; readers disagree about this word" if meant else ""
    raise Misfit(f"not a switch{advice}", allowed="true or false", nearest=meant)


def plain(scalar: Scalar) -> object:
    """The value where the schema has no say: null, switch, number or text, by YAML 1.2."""
    if scalar.is_null:
        return None
    if scalar.quoted:
        return scalar.text
    if scalar.text in _TRUE + _FALSE:
        return scalar.text in _TRUE
    if _PLAIN.fullmatch(scalar.text):
        value = _exact(scalar.text)
        return as_int(value) if re.fullmatch("[-+]?[0-9]+", scalar.text) else as_float(value)
    return scalar.text


def nearest(wrong: str, options: Sequence[str]) -> str:
    """The option a hand most likely meant, or nothing where none is near."""
    folded = wrong.casefold()
    ranked = sorted(
        ((SequenceMatcher(None, folded, option.casefold()).ratio(), option) for option in options),
        reverse=True,
    )
    # Half the letters in place: one slip of the hand in a name of two letters still finds it.
    return ranked[0][1] if ranked and ranked[0][0] >= 0.5 else ""


def _refuse_non_numbers(scalar: Scalar, text: str, declared: str | None) -> None:
    if scalar.is_null:
        raise Misfit("no value", allowed=_allowed(declared))
    digits = _PLAIN.match(text)
    if digits and len(digits[0]) > LONGEST_NUMBER:
        raise Misfit(f"a number of more than {LONGEST_NUMBER} characters")
    if text.lower() in _NOT_FINITE:
        raise Misfit("not a finite number", allowed=_allowed(declared))
    if text in _TRUE + _FALSE or text.lower() in _OLD_SWITCHES:
        raise Misfit("a switch where a number is expected", allowed=_allowed(declared))
    for shape, why, remedy in _TRAPS:
        if re.fullmatch(shape, text):
            raise Misfit(f"ambiguous number: {why}; {remedy}")


def _exact(text: str) -> Fraction:
    """The decimal as a fraction, once a double has shown that its exponent is harmless."""
    if len(text) > LONGEST_NUMBER:
        raise Misfit(f"a number of more than {LONGEST_NUMBER} characters")
    rough = float(text)
    if math.isinf(rough):
        raise Misfit("too large for a number")
    if rough == 0.0:
        if re.search("[1-9]", re.split("[eE]", text)[0]):
            raise Misfit("too small for a number; write 0")
        return Fraction(0)
    return Fraction(text)


def _allowed(declared: str | None) -> str:
    if declared is None:
        return "a number"
    if declared not in units.UNITS:
        return f"a number ({declared})"
    others = units.alike(declared)
    known = "plain" if declared == "1" else declared
    return f"a number ({known})" if len(others) == 1 else f"a number in one of: {', '.join(others)}"

"""Priors: the text beside a parameter, as a distribution over its values.

    Uniform(.2, .4)                  LogUniform(.5, 2)
    Normal(.7, .4)                   TruncatedNormal(1.1, .1; 1, 3)
    LogNormal(ln 50, 1)              Beta(4, 7), or Beta(mean .55, sd .15)

Each may have an exponent: with Beta(22, 26)^(1/3) at each of three equal stages, Beta(22, 26) pass all three.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, expit, logit, ndtr, ndtri

from sim.scenario.scalars import nearest

Reals = NDArray[np.float64]

FAMILIES = {"Uniform": 2, "LogUniform": 2, "Normal": 2, "TruncatedNormal": 4, "LogNormal": 2, "Beta": 2}
"How many numbers each takes."
BETWEEN = 1e-9
"How near to the ends a share is taken: an unbounded prior has no value at 0 or 1."

_WRITTEN = re.compile(r"(?P<family>\w+)\s*\((?P<numbers>[^()]*)\)(?:\s*\^\s*\(?(?P<power>[\d./]+)\)?)?")
_NUMBER = re.compile(r"(?:(?P<word>ln|mean|sd)\s+)?(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Prior:
    """A distribution; `low` and `high` are what the parameter may be, and values beyond are moved there."""

    family: str
    numbers: tuple[float, ...]
    power: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False
    "Whether values are whole numbers."
    width: float = 1.0
    "Factor on the distance from the median: on the value, on its log, or on its log odds, as the family has it."

    def ppf(self, share: ArrayLike) -> Reals:
        """The values below which shares of the distribution lie."""
        u = np.clip(np.asarray(share, np.float64), BETWEEN, 1 - BETWEEN)
        values = self._quantile(u)
        if self.width != 1.0:
            onto, back = _LINKS.get(self.family, _PLAIN)
            middle = onto(self._quantile(np.float64(0.5)))
            values = back(middle + self.width * (onto(values) - middle))
        values = np.clip(values**self.power if self.power != 1.0 else values, self.low, self.high)
        return np.rint(values) if self.whole else values

    def widened(self, factor: float) -> Prior:
        """The same with all distances from its median multiplied; the median stays."""
        return replace(self, width=self.width * factor)

    def within(self, low: float | None, high: float | None, whole: bool = False) -> Prior:
        """The same, clipped to a parameter's range."""
        return replace(self, low=-np.inf if low is None else low, high=np.inf if high is None else high, whole=whole)

    def _quantile(self, u: Reals | np.float64) -> Reals:
        a, b, *bounds = self.numbers
        match self.family:
            case "Uniform":
                return np.asarray(a + (b - a) * u)
            case "LogUniform":
                return np.asarray(a * (b / a) ** u)
            case "Normal":
                return np.asarray(a + b * ndtri(u))
            case "TruncatedNormal":
                low, high = (ndtr((bound - a) / b) for bound in bounds)
                return np.asarray(np.clip(a + b * ndtri(low + (high - low) * u), bounds[0], bounds[1]))
            case "LogNormal":
                return np.asarray(np.exp(a + b * ndtri(u)))
            case _:
                return np.asarray(betaincinv(a, b, u))

    def __str__(self) -> str:
        parts = [f"{number:g}" for number in self.numbers]
        inside = "; ".join(filter(None, (", ".join(parts[:2]), ", ".join(parts[2:]))))
        power = f"^({Fraction(self.power).limit_denominator(100)})" if self.power != 1.0 else ""
        wide = f", width x {self.width:g}" if self.width != 1.0 else ""
        return f"{self.family}({inside}){power}{wide}"


_PLAIN = (np.asarray, np.asarray)
_LINKS = {"LogUniform": (np.log, np.exp), "LogNormal": (np.log, np.exp), "Beta": (logit, expit)}


def parse(text: str) -> Prior:
    """The distribution that a text means; ValueError, in words, if it means none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError("a prior is written as Uniform(.2, .4); the families are " + ", ".join(FAMILIES))
    family = found["family"]
    if family not in FAMILIES:
        near = nearest(family, list(FAMILIES))
        raise ValueError(f"no such family: {family}" + (f"; did you mean {near}" if near else ""))
    numbers = _numbers(family, re.split(r"[,;]", found["numbers"]))
    return Prior(family, numbers, float(Fraction(found["power"] or "1")))


def between(low: float, high: float) -> Prior:
    """A range, with nothing preferred in it."""
    if not low < high:
        raise ValueError(f"a range goes from a smaller to a larger number: [{low:g}, {high:g}]")
    return Prior("Uniform", (float(low), float(high)))


def about(value: float) -> Prior:
    """Judgement that nobody has put a width to: from half to double of what is assumed."""
    if not value > 0:
        raise ValueError(f"only around a value above 0 does `wide` mean half to double: {value:g}")
    return Prior("LogUniform", (value / 2, value * 2))


def _numbers(family: str, parts: list[str]) -> tuple[float, ...]:
    if len(parts) != FAMILIES[family]:
        raise ValueError(f"{family} takes {FAMILIES[family]} numbers")
    words, values = [], []
    for part in parts:
        found = _NUMBER.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"not a number: {part.strip() or 'nothing'}")
        word = (found["word"] or "").lower()
        value = float(found["number"])
        if word == "ln" and value <= 0:
            raise ValueError(f"there is no logarithm of {value:g}")
        words.append(word)
        values.append(float(np.log(value)) if word == "ln" else value)
    if words == ["mean", "sd"] and family == "Beta":
        mean, sd = values
        size = mean * (1 - mean) / sd**2 - 1 if sd > 0 else 0.0
        values, words = [mean * size, (1 - mean) * size], ["", ""]
    if any(word in ("mean", "sd") for word in words) or ("ln" in words and family != "LogNormal"):
        raise ValueError("`ln` stands in LogNormal(ln m, s), `mean` and `sd` in Beta(mean m, sd s)")
    a, b, *bounds = values
    wrong = {
        "Uniform": not a < b,
        "LogUniform": not 0 < a < b,
        "Beta": not (a > 0 and b > 0),
        "TruncatedNormal": not (b > 0 and bounds and bounds[0] < bounds[-1]),
    }.get(family, not b > 0)
    if wrong:
        raise ValueError(f"{family} of these numbers is no distribution")
    return tuple(values)

"""What a policy adds, what it only displaces, and what that costs whom: the tables that a policy is judged by.

Of an activity (foundings, deals) let F(P) be how often it happened in the places P, in a scenario B less in A under the
same random numbers. For places P that receive:

    gross      F(P)
    displaced  from the source      -F(source) + relocations from the source to P
               from another zone    -F(receiving zones outside P)
               from elsewhere       -F(rest of the country)
    net        gross less what is displaced: F(everywhere) less relocations, activity that would not exist at all

All of these are paired differences. A relocation is an attribute that its founder records (the same founder, the same
draws); so is what a diverted founder would have done had no park pulled, which `recorded` tells of one scenario alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.results.effects import LEVEL, Pair, Spread, arms, spread
from sim.results.reading import Result
from sim.results.wording import amount, estimate

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]

COST = "public_cost_yuan"
ELSEWHERE = "elsewhere"
GRADES = ("H", "M", "L", "assumption")
"From read in a source to judged."


@dataclass(frozen=True)
class Activity:
    """Something that may be displaced: where it happened, and what happened instead in the rest of the country."""

    title: str
    metric: str
    elsewhere: str | None = None
    "Metric of what went to the rest of the country, at the zone of who sent it."
    relocated: str | None = None
    "Kind of flow of what left the source for it."


ACTIVITIES = (
    Activity("branches founded", "branches_opened", "branches_elsewhere", "branches_relocated"),
    Activity("achievement deals", "deals", "deals_outside"),  # sold to the rest of the country, or to nobody
    Activity("programmes pledged", "programmes_pledged"),
    Activity("ventures founded", "ventures_founded"),
)


@dataclass(frozen=True, eq=False)
class Account:
    """One activity in some receiving places: paired differences, one value a replicate."""

    activity: Activity
    places: tuple[str, ...]
    gross: Whole
    from_source: Whole
    from_zones: Whole
    from_elsewhere: Whole
    net: Whole


def account(both: Pair, activity: Activity, places: Sequence[str], start: str, end: str) -> Account:
    """Gross, displaced and net of an activity in receiving places, from A to B over a window."""
    result = both.a
    source, target = result.zones_of(result.admins(source=True)), result.zones_of(places)
    others = [zone for zone in result.zones if zone not in {*source, *target}]

    def change(metric: str | None, where: Sequence[str]) -> Whole:
        a, b = (_sum(arm, metric, where, start, end)[rows] for arm, rows in arms(both))
        return b - a

    moved_a, moved_b = (_moved(arm, activity.relocated, source, target, start, end)[r] for arm, r in arms(both))
    gross, relocated = change(activity.metric, target), moved_b - moved_a
    from_source = relocated - change(activity.metric, source)
    from_zones, from_elsewhere = -change(activity.metric, others), -change(activity.elsewhere, result.zones)
    return Account(
        activity, tuple(places), gross, from_source, from_zones, from_elsewhere,
        gross - from_source - from_zones - from_elsewhere,
    )  # fmt: skip


def cost(both: Pair, start: str, end: str) -> dict[str, tuple[Whole, Whole]]:
    """What each government pays in A and in B, in yuan, one value a replicate; and all of them together."""
    paid = {
        admin: tuple(arm.window(COST, start, end, admin)[rows] for arm, rows in arms(both)) for admin in both.a.admins()
    }
    total = tuple(np.sum([one[arm] for one in paid.values()], axis=0) for arm in (0, 1))
    return {**paid, "all": total}


def ratio(x: NDArray[np.generic], y: NDArray[np.generic]) -> tuple[float, float, float]:
    """Mean of x over mean of y with Fieller's interval, over paired replicates; nan where y may be 0."""
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    many = a.size
    if many < 2 or b.mean() == 0:
        return math.nan, math.nan, math.nan
    t2 = stdtrit(many - 1, (1 + LEVEL) / 2) ** 2 / many
    (vx, vxy), (_, vy) = np.cov(a, b, ddof=1)
    p, q, r = b.mean() ** 2 - t2 * vy, a.mean() * b.mean() - t2 * vxy, a.mean() ** 2 - t2 * vx
    if p <= 0:
        return math.nan, math.nan, math.nan
    half = math.sqrt(max(q * q - p * r, 0.0)) / p
    return float(a.mean() / b.mean()), q / p - half, q / p + half


@dataclass(frozen=True)
class Sunset:
    """Subsidies that end in B and not in A: what of an activity is left, B over A."""

    last_paid: str
    year: str
    metric: str
    place: str
    kept: float
    low: float
    high: float


PERSISTING = ("branches_alive", "deals", "ventures_alive")
YEARS_AFTER = 5


def persistence(both: Pair, places: Sequence[str]) -> list[Sunset]:
    """If B stops paying while A goes on: activity in the fifth calendar year after that of the stop, B over A.

    The stop is the first month without a payment. Empty if there is none, or if the run ends before that year does.
    """
    a, b = (arm.series(COST)[rows][:, :, arm.at(arm.whole)].sum(axis=0) > 0 for arm, rows in arms(both))
    if not (a.any() and b.any()):
        return []
    last = int(np.flatnonzero(b)[-1])
    if last + 1 == len(b):
        return []
    year = int(both.a.months[last + 1][:4]) + YEARS_AFTER
    start, end = f"{year}-01", f"{year}-12"
    if not both.a.covers(start, end) or not a[both.a.month(start) :].any():
        return []
    found = []
    for metric in (m for m in PERSISTING if m in both.metrics):
        for place in places:
            x, y = (arm.window(metric, start, end, place)[rows] for arm, rows in arms(both))
            found.append(Sunset(both.a.months[last], str(year), metric, place, *ratio(y, x)))
    return found


# -- what founders record of themselves -------------------------------------------------------------------------------


def recorded(result: Result, places: Sequence[str], start: str, end: str) -> dict[str, Whole]:
    """Branches founded in some places by what their founders say of them, one value a replicate.

    A diverted founder would have gone elsewhere had no park pulled; all others would have come anyway, and of these
    some move an activity away from the source (relocation).
    """
    source, target = result.zones_of(result.admins(source=True)), result.zones_of(places)
    others = [zone for zone in result.zones if zone not in {*source, *target}]

    def diverted(origins: Sequence[str]) -> Whole:
        return _moved(result, "branches_diverted", origins, target, start, end)

    founded = _sum(result, "branches_opened", target, start, end)
    parts = {
        "relocated from the source": _moved(result, "branches_relocated", source, target, start, end),
        "diverted from the source": diverted(source),
        "diverted from other zones": diverted(others),
        "diverted within": diverted(target),
        "diverted from elsewhere": diverted([ELSEWHERE]),
    }
    return {"founded": founded, "expansion": founded - np.sum(list(parts.values()), axis=0), **parts}


# -- evidence ---------------------------------------------------------------------------------------------------------


def evidence(both: Pair, paths: Iterable[str]) -> list[dict[str, str]]:
    """For each lever that is changed: the grade of its values, and of the numbers that its effect rests on."""
    known, rests = both.b.manifest["parameters"], both.b.manifest.get("levers", {})
    changed: dict[str, list[str]] = {}
    for path in paths:
        changed.setdefault(path.split(".")[0], []).append(path)
    rows = []
    for key, at in changed.items():
        own = [_grade(known, path) for path in at]
        lean = [(path, _grade(known, path)) for path in rests.get(key, ())]
        weakest = max((*own, *(grade for _, grade in lean)), key=GRADES.index)
        rows.append(
            {
                "changed": key,
                "its values": max(own, key=GRADES.index),
                "weakest": weakest,
                "its effect rests on": ", ".join(f"{path} ({grade})" for path, grade in lean) or "-",
            }
        )
    return rows


def _grade(known: dict[str, dict[str, str]], path: str) -> str:
    """Grade of a parameter, or the weakest of those below a path; what is no number is a choice, graded assumption."""
    below = [about["grade"] for name, about in known.items() if name == path or name.startswith(f"{path}.")]
    above = [about["grade"] for name, about in known.items() if path.startswith(f"{name}.")]
    grades = [grade for grade in below or above if grade in GRADES]
    return max(grades, key=GRADES.index) if grades else "assumption"


# -- tables -----------------------------------------------------------------------------------------------------------


def moved(accounts: Iterable[Account]) -> list[Account]:
    """Those in which anything differs in any replicate."""
    return [a for a in accounts if any(np.any(x) for x in (a.gross, a.from_source, a.from_zones, a.from_elsewhere))]


def account_rows(name: str, accounts: Iterable[Account]) -> list[dict[str, str]]:
    """Rows of a text table: what a scenario adds and displaces, each a mean and its 90 % interval."""
    return [
        {
            "scenario": name,
            "activity": one.activity.title,
            "in": " + ".join(one.places),
            "gross": shown(one.gross),
            "from the source": shown(one.from_source),
            "from other zones": shown(one.from_zones),
            "from elsewhere": shown(one.from_elsewhere) if one.activity.elsewhere else "not recorded",
            "net": shown(one.net),
        }
        for one in accounts
    ]


def cost_rows(name: str, paid: dict[str, tuple[Whole, Whole]]) -> list[dict[str, str]]:
    """Rows of a text table: what each government pays in A, in B, the difference, and B over A."""
    rows = []
    for admin, (a, b) in paid.items():
        over = ratio(b, a)[0]
        rows.append(
            {
                "scenario": name,
                "government": admin,
                "A": amount(float(a.mean()), "yuan"),
                "B": amount(float(b.mean()), "yuan"),
                "B - A": shown(b - a, "yuan"),
                "B / A": f"{over:.4f}" if math.isfinite(over) else "-",
            }
        )
    return rows


def price_rows(name: str, accounts: Iterable[Account], paid: dict[str, tuple[Whole, Whole]]) -> list[dict[str, str]]:
    """Rows of a text table: public cost per net unit by government, where the net is not 0 within its interval."""
    return [
        {"scenario": name, "net unit": one.activity.title, "net": shown(one.net)}
        | {admin: _price(b - a, one.net) for admin, (a, b) in paid.items()}
        for one in accounts
    ]


def _price(paid: Whole, net: Whole) -> str:
    if not paid.any():
        return "0"
    found = ratio(paid, net)
    return estimate(*found, "yuan") if math.isfinite(found[0]) else "no price: net may be 0"


def sunset_rows(name: str, found: Iterable[Sunset]) -> list[dict[str, str]]:
    """Rows of a text table: what is left years after subsidies end."""
    return [
        {
            "scenario": name,
            "last payment": one.last_paid,
            "activity": one.metric,
            "place": one.place,
            "in": one.year,
            "B / A": f"{one.kept:.4f}" if math.isfinite(one.kept) else "-",
            "90 % interval": f"{one.low:.4f} to {one.high:.4f}" if math.isfinite(one.low) else "-",
        }
        for one in found
    ]


def recorded_rows(arms: Iterable[tuple[Result, Sequence[int]]], places: Sequence[str], start: str, end: str
                  ) -> list[dict[str, str]]:  # fmt: skip
    """Rows of a text table: means over replicates of what founders record, one row a scenario."""
    return [
        {"scenario": result.name}
        | {what: amount(float(v[rows].mean()), "count") for what, v in recorded(result, places, start, end).items()}
        for result, rows in arms
    ]


def shown(differences: NDArray[np.generic], unit: str = "count") -> str:
    """A mean difference with its interval; a star where the interval holds 0 and not all differences are 0."""
    found: Spread = spread(differences)
    if bool(found.exactly_zero):
        return "0"
    mean, low, high = float(found.mean), float(found.low), float(found.high)
    if not math.isfinite(low):
        return amount(mean, unit)
    return estimate(mean, low, high, unit) + (" *" if low <= 0 <= high else "")


# -- sums over windows ------------------------------------------------------------------------------------------------


def _sum(result: Result, metric: str | None, zones: Sequence[str], start: str, end: str) -> Whole:
    """A flow summed over zones and months, one value a replicate."""
    if metric is None or metric not in result.metrics or not zones:
        return np.zeros(result.replicates, np.int64)
    window = slice(result.month(start), result.month(end) + 1)
    at = [result.at(zone) for zone in zones]
    return np.asarray(result.series(metric)[:, window][:, :, at].sum(axis=(1, 2)))


def _moved(
    result: Result, kind: str | None, origins: Sequence[str], targets: Sequence[str], start: str, end: str
) -> Whole:
    """Movements of a kind from some zones to others, summed over months, one value a replicate."""
    if kind is None or not targets:
        return np.zeros(result.replicates, np.int64)
    window = slice(result.month(start), result.month(end) + 1)
    return np.asarray(result.arrivals([kind], "count", targets, origins)[:, window].sum(axis=(1, 2)))

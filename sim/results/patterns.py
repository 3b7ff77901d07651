"""The patterns that the model must show (P1 to P9), each a statistic of a result with its standard error.

A statistic is an `input` where an equation states it or a number was set for it: that it holds says that the model does
what it was told. It is `emergent` where no equation states it; only these count as validation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.results import neighbours
from sim.results.effects import arms, pair, spread
from sim.results.reading import Result
from sim.results.replicates import OfReplicates, share
from sim.results.statistics import (
    HALF_OCTAVE,
    Bass,
    bass,
    centralisation,
    colocation,
    join_count,
    log_sd,
    moran,
    ppml,
    slope,
    tail_exponent,
    theil,
)

Reals = NDArray[np.float64]
Role = Literal["input", "emergent"]

FEWEST_TECHNOLOGIES = 10
"Technologies of an age that a mean is taken of."
EARLY_YEARS = 5
LATE_YEARS = 5


@dataclass(frozen=True)
class Statistic:
    """One number of a result for each replicate, and the bounds within which its mean must lie for the pattern to hold.

    `why` says what makes it an input, or why it is not one.
    """

    pattern: str
    title: str
    role: Role
    why: str
    measure: Callable[[Result], Reals]
    low: float = -math.inf
    high: float = math.inf
    needs: tuple[str, ...] = ()
    "Metrics and histograms that a result must have."

    @property
    def rule(self) -> str:
        """The bounds in words."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "moved either way"
        if math.isinf(self.high):
            return f"above {self.low:g}"
        return f"below {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, eq=False)
class Finding(OfReplicates):
    """A statistic of a result: one value a replicate, and whether the pattern holds; None where it is not decided."""

    statistic: Statistic
    values: Reals
    holds: bool | None
    verdict: str


# -- what is measured ------------------------------------------------------------------------------------------------


def source_zones(result: Result) -> NDArray[np.bool_]:
    """Whether each zone is one of the source."""
    return np.isin(result.zones, result.zones_of(result.admins(source=True)))


def people(result: Result) -> Reals:
    """People of each zone, in ten thousands."""
    return np.array([result.place(zone)["people_10k"] for zone in result.zones])


def yearly(result: Result, metric: str, place: str) -> Reals:
    """Sums of whole calendar years as [replicate, year]."""
    first = next((k for k, label in enumerate(result.months) if label.endswith("-01")), len(result.months))
    years = (len(result.months) - first) // 12
    values = result.series(metric)[:, first : first + 12 * years, result.at(place)]
    return values.reshape(result.replicates, years, 12).sum(axis=2).astype(np.float64)


def deals_between(result: Result, kind: str = "deals", yuan: bool = False) -> Reals:
    """Deals of a whole run as [replicate, period, seller's zone, buyer's zone]; a period has one matrix of hours."""
    flows = result.flows(kind)
    at = {zone: k for k, zone in enumerate(result.zones)}
    starts = [first for first, _ in result.travel]
    origin, target = (np.array([at.get(str(zone), -1) for zone in flows[end]], np.int64) for end in ("from", "to"))
    which = result.rows(flows["replicate"])
    period = np.searchsorted(starts, flows["month"], side="right") - 1
    inside = (origin >= 0) & (target >= 0)
    total = np.zeros((result.replicates, len(starts), len(at), len(at)))
    np.add.at(
        total, tuple(x[inside] for x in (which, period, origin, target)), flows["yuan" if yuan else "count"][inside]
    )
    return total


def buyers(result: Result) -> Reals:
    """Log of each zone's mass of manufacturers, weighed by the root of their sales: [replicate, zone]."""
    sizes = result.histogram("manufacturers_by_sales").dense()[:, 0]
    root = np.exp((np.arange(sizes.shape[2]) + 0.5) * HALF_OCTAVE / 2)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log((sizes * root).sum(axis=2)))


def gravity(result: Result) -> Reals:
    """Slopes of deals on log buyers' mass, log hours and border, [replicate, 3]; sellers' zones are fixed effects."""
    counts, mass = deals_between(result), buyers(result)
    admin = np.array([result.place(zone)["admin"] for zone in result.zones])
    border = (admin[:, None] != admin).astype(np.float64)
    hours = np.log(np.stack([matrix for _, matrix in result.travel]))
    group = np.broadcast_to(np.arange(counts[0].size // len(admin)).reshape(hours.shape[:2])[..., None], hours.shape)
    slopes = []
    for count, m in zip(counts, mass, strict=True):
        kept = np.broadcast_to(np.isfinite(m), count.shape)
        x = np.stack([np.broadcast_to(m, count.shape), hours, np.broadcast_to(border, count.shape)], axis=-1)
        slopes.append(ppml(count[kept], x[kept], group[kept]) if count[kept].any() else np.full(3, np.nan))
    return np.array(slopes)


def adoption(result: Result) -> tuple[Reals, Reals, Reals]:
    """Age in years, mean adopters of a technology of that age, and how many were seen, as [replicate, age]."""
    seen, adopters = (
        np.pad(x, ((0, 0), (0, max(0, 30 - x.shape[1]))))
        for x in (
            result.histogram(name).dense().sum(axis=(1, 2)).astype(float)
            for name in ("technologies_by_age", "adopters_by_age")
        )
    )
    age = np.broadcast_to(np.arange(seen.shape[1]) + 0.5, seen.shape)
    return age, np.where(seen >= FEWEST_TECHNOLOGIES, share(adopters, seen), np.nan), seen


def bass_curves(result: Result) -> list[Bass]:
    """The Bass curve of each replicate's mean technology."""
    return [bass(t[k], y[k], w[k]) for t, y, w in zip(*adoption(result), strict=True) for k in [np.isfinite(y)]]


def _imitation(result: Result) -> Reals:
    return np.array([curve.q / curve.p for curve in bass_curves(result)])


def _bass_r2(result: Result) -> Reals:
    return np.array([curve.r2 for curve in bass_curves(result)])


def _of_all(histogram: str, statistic: Callable[[Reals], float]) -> Callable[[Result], Reals]:
    """A statistic of a histogram over all zones and years (of stocks, of the last year)."""

    def measure(result: Result) -> Reals:
        about = next(h for h in result.manifest["histograms"] if h["name"] == histogram)
        counts = result.histogram(histogram).dense()
        counts = counts.sum(axis=1) if about["reduce"] == "sum" else counts[:, -1]
        return np.array([statistic(one) for one in counts.sum(axis=1)])

    return measure


def _dispersion(result: Result) -> Reals:
    """Variance over mean of branches per enterprise: 1 if each were as likely a parent as the next."""
    owned = result.histogram("parents_by_branches").dense()[:, -1].sum(axis=1)
    everyone = result.histogram("enterprises_by_staff").dense()[:, -1].sum(axis=(1, 2))
    each = np.arange(owned.shape[1])
    found = []
    for count, number in zip(owned, everyone, strict=True):
        many = (count * each).sum()
        mean = many / max(number, 1)
        found.append(((count * each**2).sum() / number - mean**2) / mean if many else math.nan)
    return np.array(found)


def _joins(result: Result) -> Reals:
    cells = result.histogram("branches_by_cell")
    pairs = neighbours.cells(result.geography)
    found = []
    for replicate in range(result.replicates):
        here = (cells.replicate == replicate) & (cells.year == cells.shape[1] - 1)
        taken = np.zeros(result.geography.cell_x.size, bool)
        taken[cells.bin[here]] = True
        found.append(join_count(taken, pairs))
    return np.array(found)


def _same_field(result: Result) -> Reals:
    return np.array([colocation(one) for one in result.histogram("branches_by_field").dense()[:, -1]])


def _neighbouring_zones(result: Result) -> Reals:
    """Of branches per head in the receiving zones: whether what is many lies beside what is many."""
    zone = ~source_zones(result)
    position = np.cumsum(zone) - 1
    pairs = neighbours.zones(result.geography)
    pairs = position[pairs[zone[pairs].all(axis=1)]]
    alive = result.series("branches_alive")[:, -1, : zone.size][:, zone]
    heads = people(result)[zone]
    return np.array([moran(np.log((one + 1.0) / heads), pairs) if one.any() else math.nan for one in alive])


def _lead(value: str, in_: Sequence[str] | None = None) -> Callable[[Result], Reals]:
    """Log of what the first receiving administration has over what the second has, over the whole run."""

    def measure(result: Result) -> Reals:
        places = list(in_ or result.admins(source=False))[:2]
        if len(places) < 2:
            return np.full(result.replicates, np.nan)
        first, second = (result.series(value)[:, :, result.at(p)].sum(axis=1).astype(float) for p in places)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(first / second))

    return measure


def inequality(result: Result, metric: str = "deals", start: str | None = None) -> Reals:
    """Theil's T of a metric per head between all zones, over the last years of the run or from `start` on."""
    first = result.month(start) if start else max(0, len(result.months) - 12 * LATE_YEARS)
    late = result.series(metric)[:, first:, : len(result.zones)].sum(axis=1)
    return np.array([theil(one, people(result)) for one in late])


def _value_over_count(result: Result) -> Reals:
    """Yearly log growth of contracts' value less that of their number, outside the source."""
    places = result.admins(source=False)
    yuan, count = (
        np.sum([yearly(result, m, place) for place in places], axis=0) for m in ("contracts_yuan", "contracts_service")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([slope(one) for one in np.log(yuan / count)])


def hazards(result: Result) -> Reals:
    """Yearly exit rate of branches by completed years of age, [replicate, age]; the last year is all that are older."""
    closed, lived = (
        result.histogram(name).dense().sum(axis=(1, 2)).astype(float)
        for name in ("branches_closed_by_age", "branches_at_risk_by_age")
    )
    ages = 11
    closed, lived = (np.pad(x, ((0, 0), (0, max(0, ages - x.shape[1])))) for x in (closed, lived))
    closed, lived = (np.column_stack([x[:, : ages - 1], x[:, ages - 1 :].sum(axis=1)]) for x in (closed, lived))
    return 1.0 - (1.0 - share(closed, lived)) ** 12


def _hump(result: Result) -> Reals:
    """Year of life in which the exit rate is highest, the first being 1."""
    rates = hazards(result)
    known = np.isfinite(rates).all(axis=1)
    return np.where(known, 1.0 + np.argmax(np.nan_to_num(rates), axis=1), np.nan)


def _early_exits(result: Result) -> Reals:
    closed = result.histogram("branches_closed_by_age").dense().sum(axis=(1, 2)).astype(float)
    return share(closed[:, :EARLY_YEARS].sum(axis=1), closed.sum(axis=1))


def network(result: Result) -> Reals:
    """Deals and branches between zones as [replicate, node, node]; the source's zones are one node, the first."""
    flow = sum(deals_between(result, kind).sum(axis=1) for kind in ("deals", "branches"))
    home = source_zones(result)
    member = np.column_stack([home, np.eye(home.size)[:, ~home]]).astype(float)
    return np.asarray(np.einsum("zn,rzw,wm->rnm", member, flow, member))


def _centre(result: Result) -> Reals:
    return np.array([centralisation(one) for one in network(result)])


EITHER_WAY = "nothing is set for where deals end; policy can move it either way"

STATISTICS = (
    Statistic(
        "P1", "imitation over innovation (q/p) of adopters by a technology's age", "input", "stated in the hazard",
        _imitation, low=1.0, needs=("technologies_by_age", "adopters_by_age"),
    ),
    Statistic(
        "P1", "share of variance that a Bass curve tells of them", "input", "a Bass hazard, but for space and finance",
        _bass_r2, low=0.97, needs=("technologies_by_age", "adopters_by_age"),
    ),
    Statistic(
        "P2", "elasticity of deals to travel time (PPML)", "input", "stated in the buyers' utility (beta)",
        lambda result: gravity(result)[:, 1], high=0.0, needs=("deals", "manufacturers_by_sales"),
    ),
    Statistic(
        "P2", "kink of deals at the border, log odds (PPML)", "input",
        "stated in the buyers' utility (b); absorptive capacity, highest in the source, adds to it",
        lambda result: gravity(result)[:, 2], high=0.0, needs=("deals", "manufacturers_by_sales"),
    ),
    Statistic(
        "P3", "log s.d. of deal prices", "input", "sigma_q and nu were set for 1.6",
        _of_all("deals_by_price", log_sd), 1.2, 2.0, ("deals_by_price",),
    ),
    Statistic(
        "P3", "tail exponent of manufacturers' sales", "input", "drawn with such a tail",
        _of_all("manufacturers_by_sales", tail_exponent), 0.8, 1.5, ("manufacturers_by_sales",),
    ),
    Statistic(
        "P3", "log s.d. of branch capital", "input", "drawn lognormal",
        _of_all("branches_by_capital", log_sd), low=1.0, needs=("branches_by_capital",),
    ),
    Statistic(
        "P3", "variance over mean of branches per enterprise", "input", "the hazard rises with a size that has a tail",
        _dispersion, low=1.0, needs=("parents_by_branches", "enterprises_by_staff"),
    ),
    Statistic(
        "P4", "neighbouring cells that both have branches, over chance", "input", "cells thin out from a zone's centre",
        _joins, low=1.0, needs=("branches_by_cell",),
    ),
    Statistic(
        "P4", "two branches of a field in one zone, over any two", "input", "stated in the founders' utility (gamma_a)",
        _same_field, low=1.0, needs=("branches_by_field",),
    ),
    Statistic(
        "P4", "Moran's I of branches per head between receiving zones", "emergent",
        "no equation knows which zones are neighbours",
        _neighbouring_zones, low=0.0, needs=("branches_alive",),
    ),
    Statistic(
        "P5", "branches: log of capital in {first} over {second}", "input",
        "capital ratios are set from the record",
        _lead("branch_capital_pledged_yuan"), low=0.0, needs=("branch_capital_pledged_yuan",),
    ),
    Statistic(
        "P5", "branches: log of number in {first} over {second}", "input", "a pull is solved from the record",
        _lead("branches_opened"), high=0.0, needs=("branches_opened",),
    ),
    Statistic(
        "P5", "deals: log of value in {first} over {second}", "emergent",
        "nothing is set for who buys at which price",
        _lead("deals_yuan"), low=0.0, needs=("deals_yuan",),
    ),
    Statistic(
        "P5", "deals: log of number in {first} over {second}", "emergent", "nothing is set for who buys how many",
        _lead("deals"), high=0.0, needs=("deals",),
    ),
    Statistic("P6", "Theil's T of deals per head between zones", "emergent", EITHER_WAY, inequality, needs=("deals",)),
    Statistic(
        "P7", "yearly log growth of contracts' mean value", "input", "prices grow at a stated rate (g_P)",
        _value_over_count, low=0.0, needs=("contracts_yuan", "contracts_service"),
    ),
    Statistic(
        "P8", "year of life in which most branches close", "input", "exit rates by age are data",
        _hump, 2.5, 3.5, ("branches_closed_by_age", "branches_at_risk_by_age"),
    ),
    Statistic(
        "P8", "share of closures before the fifth birthday", "emergent",
        "follows from who is alive; 59 % in the register of enterprises",
        _early_exits, low=0.5, needs=("branches_closed_by_age",),
    ),
    Statistic(
        "P9", "centralisation of deals and branches", "input", "only the source's organisations sell and found",
        _centre, low=0.5, needs=("deals", "branches_opened"),
    ),
)  # fmt: skip


# -- verdicts --------------------------------------------------------------------------------------------------------


def evaluate(
    result: Result, against: Sequence[Result] = (), statistics: Iterable[Statistic] = STATISTICS
) -> list[Finding]:
    """Every statistic of a result, in the order of the patterns.

    Whether policy can move inequality either way is judged `against` results of other scenarios with the same seed.
    """
    known = {*result.metrics, *(h["name"] for h in result.manifest.get("histograms", ()))}
    first, second = [*result.admins(source=False), "one", "another"][:2]
    found = []
    for one in statistics:
        named = replace(one, title=one.title.format(first=first, second=second))
        missing = [name for name in one.needs if name not in known]
        if missing:
            found.append(Finding(named, np.empty(0), None, f"not in this result: {', '.join(missing)}"))
        elif one.why == EITHER_WAY:
            found.append(_moved_by_policy(named, result, against))
        else:
            found.append(judged(named, one.measure(result)))
    return found


def _moved_by_policy(one: Statistic, result: Result, against: Sequence[Result]) -> Finding:
    """Whether some of the others have it resolved higher, and some resolved lower."""
    rises, falls = [], []
    for other in against:
        both = pair(result, other)
        a, b = (one.measure(arm)[rows] for arm, rows in arms(both))
        change = spread(b - a)
        rises += [other.name] if change.low > 0 else []
        falls += [other.name] if change.high < 0 else []
    values = one.measure(result)
    words = [f"{word} under {', '.join(names)}" for word, names in (("rises", rises), ("falls", falls)) if names]
    if rises and falls:
        return Finding(one, values, True, f"holds: {'; '.join(words)}")
    missing = " or ".join(word for word, names in (("raises", rises), ("lowers", falls)) if not names)
    told = "; ".join([*words, f"none of the others {missing} it"]) if against else "judged with --against other results"
    return Finding(one, values, None, told)


def judged(one: Statistic, values: Reals) -> Finding:
    """Whether the interval of the mean lies within the bounds, outside, or across one of them."""
    defined = values[np.isfinite(values)]
    if not defined.size:
        return Finding(one, values, None, "undefined: nothing of it happened in this run")
    if defined.size == 1:
        return Finding(one, values, None, "one replicate: no standard error")
    mean = spread(defined)
    if one.low <= mean.low and mean.high <= one.high:
        return Finding(one, values, True, "holds")
    if mean.high < one.low or mean.low > one.high:
        return Finding(one, values, False, "does not hold")
    return Finding(one, values, None, "undecided: the interval crosses the bound")


def table(found: Iterable[Finding]) -> list[dict[str, str]]:
    """Rows of a text table, one a statistic."""
    return [
        {
            "pattern": f.statistic.pattern,
            "statistic": f.statistic.title,
            "mean": f"{f.mean:.3g}" if f.defined.size else "-",
            "s.e.": f"{f.standard_error:.2g}" if f.defined.size > 1 else "-",
            "holds if": f.statistic.rule,
            "verdict": f.verdict,
            "role": f.statistic.role,
            "why": f.statistic.why,
        }
        for f in found
    ]


def summary(found: Sequence[Finding]) -> str:
    """How many of the emergent patterns hold; inputs are not counted. A pattern holds if all its statistics do."""
    emergent = [f for f in found if f.statistic.role == "emergent"]
    patterns = sorted({f.statistic.pattern for f in emergent})
    holding = [p for p in patterns if all(f.holds for f in emergent if f.statistic.pattern == p)]
    broken = [p for p in patterns if any(f.holds is False for f in emergent if f.statistic.pattern == p)]
    open_ = [p for p in patterns if p not in holding and p not in broken]
    parts = [f"{len(holding)} of {len(patterns)} emergent patterns hold ({', '.join(holding) or 'none'})"]
    parts += [f"{', '.join(broken)} broken"] if broken else []
    parts += [f"{', '.join(open_)} not decided"] if open_ else []
    return "; ".join(parts) + ". Inputs are not counted: an equation states them."

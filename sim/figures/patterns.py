"""The nine patterns, one panel each: what was simulated, and whether it holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from sim.figures import frame, style
from sim.results import Result, neighbours, patterns
from sim.results.patterns import Finding
from sim.results.replicates import share
from sim.results.statistics import HALF_OCTAVE, theil
from sim.results.targets import BAND

Reals = NDArray[np.float64]

HEIGHT_MM = 190.0
INPUT, EMERGENT = style.GREY, style.BLACK


def draw(result: Result, out: Path, found: Sequence[Finding] | None = None) -> Path:
    """Draws the panels; `found` are the verdicts of `patterns.evaluate`, made here unless given."""
    found = patterns.evaluate(result) if found is None else found
    with style.styled():
        figure = frame.sheet(
            f"Patterns: {style.literal(result.manifest['title'] or result.name, 80)}",
            f"Lines and points: means over replicates; bands: {100 * BAND[0]:g} % to {100 * BAND[1]:g} % of them. "
            "An input is stated by an equation: no evidence.", HEIGHT_MM,
            [frame.origin(result).replace("jjj plot", "jjj patterns"), frame.evidence(result)],
        )  # fmt: skip
        grid = figure.subplots(3, 3)
        for axes, (pattern, title, panel, needs) in zip(grid.ravel(), PANELS, strict=True):
            frame.heading(axes, f"{pattern}  {title}")
            missing = [name for name in needs if name not in _known(result)]
            if missing:
                frame.gap(axes, "not in this result")
            elif not panel(axes, result):
                frame.gap(axes, "none in this run")
            else:
                _verdicts(axes, [f for f in found if f.statistic.pattern == pattern])
        return style.save(figure, out)


def _known(result: Result) -> set[str]:
    return {*result.metrics, *(h["name"] for h in result.manifest.get("histograms", ()))}


def _verdicts(axes: Axes, found: Sequence[Finding]) -> None:
    """In the corner of a panel, a line for each role: the verdict of its statistics together."""
    lines = []
    for role, ink in (("emergent", EMERGENT), ("input", INPUT)):
        mine = [f for f in found if f.statistic.role == role]
        if not mine:
            continue
        word = "undecided"
        if all(f.holds for f in mine):
            word = "holds"
        elif any(f.holds is False for f in mine):
            word = "does not hold"
        lines.append((f"{role}: {word}", ink))
    for line, (text, ink) in enumerate(lines):
        axes.text(
            1.0, 1.0 - 0.085 * line, text, transform=axes.transAxes, ha="right", va="top", fontsize=5.8, color=ink,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip


def _banded(axes: Axes, x: Reals, values: Reals, ink: str, **look: object) -> None:
    """A mean with its band over replicates; where nothing is known the line is broken."""
    seen = np.isfinite(values).all(axis=0)
    low, high = np.quantile(values[:, seen], BAND, axis=0)
    axes.fill_between(x[seen], low, high, color=ink, alpha=0.18, linewidth=0)
    axes.plot(x[seen], values[:, seen].mean(axis=0), color=ink, **look)  # type: ignore[arg-type]


def _adoption(axes: Axes, result: Result) -> bool:
    """Mean adopters of a technology by its age, and the Bass curve nearest to them."""
    ages, adopters, _ = patterns.adoption(result)
    seen = np.isfinite(adopters).all(axis=0)
    if seen.sum() < 2:
        return False
    low, high = np.quantile(adopters[:, seen], BAND, axis=0)
    axes.vlines(ages[0, seen], low, high, color=style.BLUE, alpha=0.3, linewidth=2.4)
    axes.plot(ages[0, seen], adopters[:, seen].mean(axis=0), "o", color=style.BLUE, markersize=3)
    curves = [curve for curve in patterns.bass_curves(result) if np.isfinite(curve.p)]
    if curves:
        t = np.linspace(0.0, float(ages[0, seen].max()), 60)
        axes.plot(t, np.mean([curve.at(t) for curve in curves], axis=0), color=style.GREY, linewidth=0.9, zorder=0)
        p, q = (float(np.mean([getattr(curve, name) for curve in curves])) for name in ("p", "q"))
        axes.text(0.03, 0.8, f"Bass p {p:.3f}, q {q:.2f}", transform=axes.transAxes, fontsize=5.8, va="top")
    _room(axes)
    axes.set_xlim(0, None)
    axes.set_xlabel("age of a technology, years")
    axes.set_ylabel("adopters")
    return True


def _decay(axes: Axes, result: Result) -> bool:
    """Deals from the source to each zone per unit of its buyers' mass, against hours, in the last timetable."""
    home = patterns.source_zones(result)
    start, hours = result.travel[-1]
    sent = patterns.deals_between(result)[:, -1][:, home].sum(axis=1).mean(axis=0)
    mass = np.exp(patterns.buyers(result)).mean(axis=0)
    if not sent.any():
        return False
    seat = int(np.flatnonzero(home)[0])
    relative = share(sent, mass)
    relative /= np.nanmax(relative)
    inks = frame.colours(result)
    for admin, ink in inks.items():
        mine = np.array([result.place(z)["admin"] == admin for z in result.zones]) & (relative > 0)
        axes.plot(
            hours[seat, mine], relative[mine], "o", markersize=3, color=ink, markeredgewidth=0, label=admin,
        )  # fmt: skip
    _, decay, border = np.nanmean(patterns.gravity(result), axis=0)
    abroad = ~home & (relative > 0)
    if np.isfinite(decay) and abroad.sum() > 1:
        x = np.geomspace(hours[seat, abroad].min(), hours[seat, abroad].max(), 20)
        level = np.exp(np.mean(np.log(relative[abroad]) - decay * np.log(hours[seat, abroad])))
        axes.plot(x, level * x**decay, color=style.GREY, linewidth=0.9, zorder=0)
        words = frame.minus(f"elasticity {decay:.2f}\nborder {border:.2f}")
        axes.text(0.03, 0.04, words, transform=axes.transAxes, fontsize=5.8, va="bottom")
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(f"hours from the source, from {result.months[start]} on")
    axes.set_ylabel("deals per buyer, relative")
    _logs(axes)
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 0.9), handletextpad=0.1, borderaxespad=0.1, fontsize=5.8)
    return True


SIZES = (
    ("manufacturers_by_sales", "sales of manufacturers", style.BLUE),
    ("branches_by_capital", "capital of branches", style.VERMILION),
    ("deals_by_price", "price of deals", style.GREEN),
)


def _sizes(axes: Axes, result: Result) -> bool:
    """How many are larger than a size, both on logarithmic axes; sizes relative to their medians."""
    shown = False
    for name, word, ink in SIZES:
        counts = result.histogram(name).dense()
        about = next(h for h in result.manifest["histograms"] if h["name"] == name)
        total = (counts[:, -1] if about["reduce"] == "last" else counts.sum(axis=1)).sum(axis=(0, 1)).astype(float)
        if not total.sum():
            continue
        above = total[::-1].cumsum()[::-1] / total.sum()
        kept = above > 0
        median = np.interp(-0.5, -above, np.arange(total.size) * HALF_OCTAVE)
        axes.plot(np.exp(np.arange(total.size) * HALF_OCTAVE - median)[kept], above[kept], color=ink, label=word)
        shown = True
    if not shown:
        return False
    axes.set(xscale="log", yscale="log", xlim=(1e-2, None), ylim=(None, 1.6))
    axes.set_xlabel("size over its median")
    axes.set_ylabel("share that is larger")
    _logs(axes)
    axes.legend(loc="best", fontsize=5.8, handlelength=1.2)
    return True


def _clusters(axes: Axes, result: Result) -> bool:
    """Branches per head of each receiving zone against that of its neighbours."""
    alive = result.series("branches_alive")[:, -1, : len(result.zones)].mean(axis=0)
    if not alive.any():
        return False
    zone = ~patterns.source_zones(result)
    x = np.log((alive + 1.0) / patterns.people(result))
    pairs = neighbours.zones(result.geography)
    pairs = pairs[zone[pairs].all(axis=1)]
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    if not len(ends):
        return False
    beside = np.bincount(ends[:, 0], x[ends[:, 1]], x.size) / np.maximum(np.bincount(ends[:, 0], minlength=x.size), 1)
    inks = frame.colours(result)
    joined = np.isin(np.arange(x.size), ends)
    for admin in result.admins(source=False):
        mine = joined & np.array([result.place(z)["admin"] == admin for z in result.zones])
        axes.plot(np.exp(x[mine]), np.exp(beside[mine]), "o", markersize=3, color=inks[admin], label=admin)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("branches per 10,000 people, in a zone")
    axes.set_ylabel("in its neighbours (geometric mean)")
    _logs(axes)
    axes.legend(loc="lower right", handletextpad=0.1, borderaxespad=0.1, fontsize=5.8)
    return True


def _leads(axes: Axes, result: Result) -> bool:
    """Shares of the first receiving administration in number and value, of branches and deals."""
    receiving = result.admins(source=False)[:2]
    if len(receiving) < 2:
        return False
    rows = (
        ("branches", "branches_opened", style.VERMILION), ("branches' capital", "branch_capital_pledged_yuan",
         style.VERMILION), ("deals", "deals", style.GREEN), ("deals' value", "deals_yuan", style.GREEN),
    )  # fmt: skip
    first, second = receiving
    for at, (word, metric, ink) in enumerate(rows):
        x, y = (result.series(metric)[:, :, result.at(p)].sum(axis=1).astype(float) for p in (first, second))
        if not (x + y).all():
            return False
        share = 100 * x / (x + y)
        axes.plot(np.quantile(share, BAND), [at, at], color=ink, linewidth=2.4, alpha=0.3, solid_capstyle="butt")
        axes.plot(share.mean(), at, "o", color=ink, markersize=4)
        axes.text(1, at - 0.22, word, fontsize=5.8, va="bottom", ha="left")
    axes.axvline(50, color=style.BLACK, linewidth=0.6)
    axes.set(xlim=(0, 100), ylim=(3.6, -0.9), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{first} in % of {first} and {second}")
    return True


def _inequality(axes: Axes, result: Result) -> bool:
    """Theil's T of deals and of branches founded, per head, between zones, over the five years up to each."""
    ends = [k for k, month in enumerate(result.months) if month.endswith("-12")]
    if not ends:
        return False
    years = np.array([int(result.months[k][:4]) for k in ends], float)
    shown = False
    for metric, word, ink in (
        ("deals", "deals", style.GREEN),
        ("branches_opened", "branches founded", style.VERMILION),
    ):
        values = []
        for end in ends:
            first = max(0, end + 1 - 12 * patterns.LATE_YEARS)
            part = result.series(metric)[:, first : end + 1, : len(result.zones)].sum(axis=1)
            values.append([theil(one, patterns.people(result)) for one in part])
        series = np.array(values).T
        if np.isfinite(series).all(axis=0).any():
            _banded(axes, years, series, ink, label=word)
            shown = True
    if not shown:
        return False
    _room(axes)
    axes.set_ylabel("Theil's T, five years")
    axes.legend(loc="best", fontsize=5.8, handlelength=1.2)
    _years(axes)
    return True


def _growth(axes: Axes, result: Result) -> bool:
    """Number, value and mean value of contracts of the receiving administrations, relative to the first whole year."""
    places = result.admins(source=False)
    yuan, count = (
        np.sum([patterns.yearly(result, m, place) for place in places], axis=0)
        for m in ("contracts_yuan", "contracts_service")
    )
    if not count.shape[1] or not (count > 0).all():
        return False
    first = int(next(month for month in result.months if month.endswith("-01"))[:4])
    years = first + np.arange(count.shape[1], dtype=float)
    for values, word, ink in ((yuan, "value", style.BLUE), (count, "number", style.ORANGE)):
        _banded(axes, years, values / values[:, :1], ink, label=word)
    _room(axes)
    axes.set_ylabel(f"contracts, {first} = 1")
    axes.legend(loc="upper left", fontsize=5.8, handlelength=1.2)
    _years(axes)
    return True


def _hazard(axes: Axes, result: Result) -> bool:
    """Yearly exit rate of branches by year of life."""
    rates = 100 * patterns.hazards(result)
    if not np.isfinite(rates).all(axis=0).any():
        return False
    _banded(axes, np.arange(1.0, rates.shape[1] + 1), rates, style.VERMILION, marker="o", markersize=2.5)
    _room(axes)
    axes.set_xticks([1, 3, 5, 7, 9, 11], ["1", "3", "5", "7", "9", "11+"])
    axes.set_xlabel("year of life")
    axes.set_ylabel("branches that close, % a year")
    return True


def _network(axes: Axes, result: Result) -> bool:
    """Shares of the strongest nodes in all that deals and branches join; the source is one node."""
    flow = patterns.network(result).mean(axis=0)
    flow = flow - np.diag(np.diag(flow))
    if not flow.sum():
        return False
    strength = 100 * (flow.sum(axis=0) + flow.sum(axis=1)) / flow.sum()
    receiving = result.zones_of(result.admins(source=False))
    names = [
        " + ".join(frame.place_name(result, key) for key in result.admins(source=True)),
        *(result.place(z)["name_en"] for z in receiving),
    ]
    inks = frame.colours(result)
    colours = [style.BLACK, *(style.mixed(inks[result.place(z)["admin"]], 0.7) for z in receiving)]
    order = np.argsort(-strength, kind="stable")[:8]
    axes.barh(np.arange(order.size), strength[order], color=[colours[k] for k in order], height=0.7)
    labels = [frame.shortened(frame.page_of(axes), style.literal(names[k], 40), 21, fontsize=5.8) for k in order]
    axes.set_yticks(np.arange(order.size), labels, fontsize=5.8)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(7.6, -1.2)
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of what is joined, an end each")
    return True


def _logs(axes: Axes) -> None:
    """Few ticks at 1, 2, 5 or at powers of ten alone, in plain numbers; room above for the verdict."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.12)
    for axis, (first, last) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if last / first < 200 else (1,), numticks=8))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
        axis.set_minor_formatter(NullFormatter())


def _power(value: float) -> str:
    if 1e-3 < value < 1e4:
        return f"{value:,.4g}"
    return frame.power_of_ten(round(math.log10(value)))


def _room(axes: Axes, share: float = 1.15) -> None:
    """From zero up, with room above for the verdict."""
    axes.set_ylim(0, axes.get_ylim()[1] * share)


def _years(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


Panel = Callable[[Axes, Result], bool]

PANELS: tuple[tuple[str, str, Panel, tuple[str, ...]], ...] = (
    ("P1", "Adoption is S-shaped", _adoption, ("technologies_by_age", "adopters_by_age")),
    ("P2", "Deals fall with distance", _decay, ("deals", "manufacturers_by_sales")),
    ("P3", "Sizes are skewed", _sizes, tuple(name for name, _, _ in SIZES)),
    ("P4", "Branches cluster", _clusters, ("branches_alive",)),
    ("P5", "Value here, number there", _leads, ("deals_yuan", "branch_capital_pledged_yuan")),
    ("P6", "Zones are unequal", _inequality, ("deals", "branches_opened")),
    ("P7", "Value outgrows number", _growth, ("contracts_yuan", "contracts_service")),
    ("P8", "Failures come early", _hazard, ("branches_closed_by_age", "branches_at_risk_by_age")),
    ("P9", "A tree with one root", _network, ("deals",)),
)

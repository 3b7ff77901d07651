"""Simulated distributions beside the published figures: fitted ones, and, set apart, those nothing was fitted to."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.figures import frame, style
from sim.results import Result
from sim.results.targets import TargetResult, evaluate
from sim.results.wording import amount

Reals = NDArray[np.float64]

COLUMNS = 3
CARD_MM, GAP_MM, SECTION_MM = 51.0, 2.5, 7.5
INSET_MM, LABELS_MM, AXES_TOP_MM, AXES_MM = 3.0, 23.0, 12.0, 19.5
FITTED_GROUND, OPEN_GROUND = "#F3F4F6", "#FFF5DD"
FITTED_INK, OPEN_INK = style.BLUE, style.VERMILION
HOLDS_GROUND = "#CFE3D2"
FITTED_WORDS = "fitted: a level is solved from it"
CHECKED_WORDS = "checked when levels were set: no test"
OPEN_WORDS = "not fitted: emerges from the model"
SECTIONS = (
    ("fitted", "Fitted", "levels were set by these figures: that they hold says nothing about the model"),
    ("emergent", "Not fitted", "nothing was solved from these figures: only they can speak for or against the model"),
)


def draw(result: Result, out: Path) -> Path:
    """Draws one panel a figure: a dot a replicate, the mean, the band, and the published value as a line."""
    with style.styled():
        found = evaluate(result)
        sections = [
            (title, words, kind, members)
            for kind, title, words in SECTIONS
            if (members := [one for one in found if one.target.kind == kind])
        ]
        rows = [math.ceil(len(members) / COLUMNS) for *_, members in sections]
        body = sum(SECTION_MM + r * (CARD_MM + GAP_MM) for r in rows) or CARD_MM
        figure = frame.page(
            result, "The published figures, and what was simulated for them",
            "Dots: replicates; diamond: mean; bar: 5 % to 95 % of replicates; black line: the figure; "
            "green: where the mean must lie.",
            frame.TITLE_MM + body + frame.FOOT_MM + 1,
        )  # fmt: skip
        if not sections:
            axes = frame.place(figure, 5, frame.TITLE_MM, style.DOUBLE_COLUMN_MM - 10, CARD_MM - 5)
            frame.gap(axes, "This region has no published figures to be held against.")
        top = frame.TITLE_MM
        for (title, words, _, members), count in zip(sections, rows, strict=True):
            head = frame.write(figure, frame.MARGIN_MM, top + 1.5, title, fontsize=8, fontweight="bold")
            edge = head.get_window_extent().x1 / figure.dpi * 25.4
            frame.write(figure, edge + 2, top + 2.0, words, fontsize=6.5, color=style.GREY)
            top += SECTION_MM
            for at, one in enumerate(members):
                row, column = divmod(at, COLUMNS)
                _card(figure, result, one, column, top + row * (CARD_MM + GAP_MM))
            top += count * (CARD_MM + GAP_MM)
        return style.save(figure, out)


def _card(figure: Figure, result: Result, one: TargetResult, column: int, top: float) -> None:
    """One figure: title, axes and words on a ground that says whether it was fitted."""
    target, fitted = one.target, one.target.kind == "fitted"
    width = (style.DOUBLE_COLUMN_MM - 2 * frame.MARGIN_MM - (COLUMNS - 1) * GAP_MM) / COLUMNS
    left = frame.MARGIN_MM + column * (width + GAP_MM)
    frame.block(
        figure, left, top, width, CARD_MM, facecolor=FITTED_GROUND if fitted else OPEN_GROUND,
        edgecolor=OPEN_INK, linewidth=0.0 if fitted else 0.8,
    )  # fmt: skip
    inner = left + INSET_MM
    look: dict[str, Any] = {"fontsize": 6.8, "fontweight": "bold"}
    title = frame.wrapped(figure, style.literal(target.title, 120), width - 2 * INSET_MM, **look)
    frame.write(figure, inner, top + 2, title, linespacing=1.1, **look)
    basis = FITTED_WORDS if math.isfinite(target.bounds[0]) else CHECKED_WORDS
    words = f"{target.window} · {basis if fitted else OPEN_WORDS}"
    words = frame.shortened(figure, words, width - 2 * INSET_MM, fontsize=5.1)
    frame.write(figure, inner, top + 8.4, words, fontsize=5.1, color=style.GREY if fitted else OPEN_INK)
    indent = LABELS_MM if one.parts else 0.0
    room = width - 2 * INSET_MM - indent
    axes = frame.place(figure, inner + indent, top + AXES_TOP_MM, room, AXES_MM)
    axes.patch.set_alpha(0)
    if not one.defined.size:
        frame.gap(axes, frame.wrapped(figure, style.literal(one.verdict, 120), room - 2, 4, fontsize=6))
        return
    text = _order(axes, result, one) if one.parts else _strip(axes, one)
    axes.spines["left"].set_visible(False)
    frame.write(figure, inner, top + CARD_MM - 12.3, text, fontsize=5.4, linespacing=1.3)
    note = frame.wrapped(figure, style.literal(target.note, 160), width - 2 * INSET_MM, fontsize=5.0)
    frame.write(figure, inner, top + CARD_MM - 6.2, note, fontsize=5.0, linespacing=1.2, color=style.GREY)


def _strip(axes: Axes, one: TargetResult) -> str:
    """Replicates as piles of dots along the axis of values; returns the words below."""
    target = one.target
    whole = target.measure == "present"
    span = _span(one)
    scale, unit = frame.scaled(max(abs(span[0]), abs(span[1])), target.unit)
    ink = FITTED_INK if target.kind == "fitted" else OPEN_INK
    span = (span[0] / scale, span[1] / scale)
    low, high = target.bounds
    if math.isfinite(low) and one.judged:
        axes.axvspan(low / scale, high / scale, color=HOLDS_GROUND, linewidth=0, zorder=1)
    axes.axvline(target.value / scale, color=style.BLACK, linewidth=1.2, zorder=3)
    values = one.defined / scale
    size = float(np.clip(3.0 * math.sqrt(40 / max(values.size, 40)), 0.8, 3.0))
    axes.plot(
        values, 0.3 + 0.6 * _pile(values, span, whole), "o", color=ink, markersize=size, markeredgewidth=0,
        alpha=0.6, zorder=4,
    )  # fmt: skip
    axes.plot(np.array(one.band) / scale, [0.12, 0.12], color=ink, linewidth=2.2, solid_capstyle="butt", zorder=4)
    axes.plot(one.mean / scale, 0.12, "D", color="white", markeredgecolor=ink, markersize=4.2, zorder=5)
    axes.set(xlim=span, ylim=(0, 1), yticks=[])
    frame.plain_numbers(axes, "x", 7 if whole else 5, whole=whole)
    axes.set_xlabel(unit, labelpad=1, fontsize=6.2)
    return f"held against {_short(target.value, target.unit)}; simulated {_mean(one)}\n{_verdict(one)}"


def _short(value: float, unit: str, digits: int = 3) -> str:
    """Without the unit where the axis says it."""
    return amount(value, unit, digits).removesuffix(" yuan")


def _mean(one: TargetResult) -> str:
    unit = one.target.unit
    if not math.isfinite(one.standard_error):
        return f"{_short(one.mean, unit)}, one replicate"
    return f"{_short(one.mean, unit, 2)} (s.e. {_short(one.standard_error, unit, 2)})"


def _verdict(one: TargetResult) -> str:
    if not one.judged:
        return "shown beside the record, not judged" if one.verdict == "shown" else one.verdict
    share = f" ({100 * one.reached:.0f} %)" if one.target.rule == "share_of_replicates" else ""
    return f"{one.verdict}: {one.target.rule_in_words}{share}"


def _span(one: TargetResult) -> tuple[float, float]:
    """An axis that holds the replicates, the published value and the tolerance; of fields, all from none."""
    edges = [float(one.defined.min()), float(one.defined.max()), one.target.value]
    if one.target.measure == "present":
        return -0.5, max(edges) + 0.5
    edges += [edge for edge in one.target.bounds if math.isfinite(edge)]
    low, high = min(edges), max(edges)
    if one.target.unit == "share":
        return 0.0, min(1.08 * high, 1.0)
    room = 0.08 * (high - low) or 0.5
    return (0.0 if 0 <= low < 0.25 * high else low - room), high + room


def _pile(values: Reals, span: tuple[float, float], whole: bool) -> Reals:
    """How high each dot stands: dots of one bin are stacked, in the order of the replicates."""
    width = 1.0 if whole else (span[1] - span[0]) / 32
    bins = np.floor((values - span[0]) / width + (0.5 if whole else 0.0)).astype(int)
    rank = np.zeros(values.size)
    for name in np.unique(bins):
        members = np.flatnonzero(bins == name)
        rank[members] = np.arange(members.size)
    return np.asarray(rank / max(rank.max(initial=0.0), 6.0))


def _order(axes: Axes, result: Result, one: TargetResult) -> str:
    """What each place has, the record's first at the top; returns the words below."""
    top = 0.0
    for row, shares in enumerate(one.parts.values()):
        percent = 100 * shares[np.isfinite(shares)]
        low, high = np.quantile(percent, (0.05, 0.95))
        axes.plot([low, high], [row, row], color=OPEN_INK, linewidth=2.2, solid_capstyle="butt", zorder=3)
        axes.plot(percent.mean(), row, "D", color="white", markeredgecolor=OPEN_INK, markersize=4.2, zorder=5)
        top = max(top, float(high))
    labels = [
        f"{row}. " + style.literal(" + ".join(result.place(key)["name_en"] for key in name.split("+")), 21)
        for row, name in enumerate(one.parts, 1)
    ]
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0, labelsize=5.2)
    axes.set(xlim=(-0.03 * top, 1.08 * top), ylim=(len(labels) - 0.4, -0.6))
    frame.plain_numbers(axes, "x", 4)
    axes.set_xlabel("% of the sum of these", labelpad=1, fontsize=6.2)
    error = f" (s.e. {one.standard_error:.2f})" if math.isfinite(one.standard_error) else ""
    return f"rows in the record's order, the largest first\nrank correlation with it: {one.mean:.2f}{error}"

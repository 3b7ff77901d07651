"""Who paid whom in a year, and what each sector owned and owed at the end of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import frame, style
from sim.results import Result
from sim.results.money import Matrix, Reals, balance_sheet, flow_matrix, who_paid_whom

HEIGHT_MM = 118.0
INKS = {"deposits": style.BLUE, "equity": style.GREEN, "loan": style.VERMILION, "lease": style.ORANGE}
LEAST = 1e-6  # shares of the largest payment below which a square is not drawn
SIDE = 0.92


def draw(result: Result, out: Path, year: str) -> Path:
    """Draws the payments of a year as a matrix of squares, and beside it the balance sheets."""
    paid, sheet = who_paid_whom(result, year), balance_sheet(result, year)
    changed = flow_matrix(result, year)
    busy = np.flatnonzero(paid.any(axis=0) | paid.any(axis=1) | sheet.yuan.any(axis=0))
    names = [result.sectors[k] for k in busy]
    with style.styled():
        figure = frame.sheet(
            f"Money: {style.literal(result.manifest['title'] or result.name, 80)}",
            "Means over replicates, in yuan. Squares grow with the logarithm of a sum; bars are shares of the longer.",
            HEIGHT_MM, [frame.origin(result).replace("jjj plot", "jjj money"), frame.evidence(result)],
        )  # fmt: skip
        left, right = figure.subplots(1, 2, width_ratios=[1.5, 1.0])
        frame.heading(left, f"a  Who paid whom in {year}")
        frame.heading(right, f"b  Owned and owed, end of {year}")
        if paid.any():
            _payments(left, paid[np.ix_(busy, busy)], names)
        else:
            frame.gap(left, "none in this run")
        if busy.size:
            _sheets(right, sheet, busy, names, changed)
        else:
            frame.gap(right, "none in this run")
        return style.save(figure, out)


def _payments(axes: Axes, paid: Reals, names: list[str]) -> None:
    """The side of a square grows with the logarithm of the sum: payments span six powers of ten."""
    most = float(paid.max())
    for payer, payee in np.argwhere(paid > LEAST * most):
        share = 1.0 + np.log10(paid[payer, payee] / most) / -np.log10(LEAST)
        side = SIDE * max(share, 0.06)
        ink = style.mixed(style.BLUE, 0.15 + 0.55 * share)
        axes.add_patch(Rectangle((payee - side / 2, payer - side / 2), side, side, facecolor=ink, linewidth=0))
        text = _words(float(paid[payer, payee]))
        axes.text(payee, payer, text, fontsize=4.2, ha="center", va="center")
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5))
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor", fontsize=6)
    axes.set_yticks(range(len(names)), names, fontsize=6)
    axes.set_xlabel("paid to", fontsize=6.5)
    axes.set_ylabel("paid by", fontsize=6.5)
    axes.tick_params(length=0)
    for edge in np.arange(len(names) + 1) - 0.5:
        axes.axhline(edge, color="#E4E4E4", linewidth=0.4, zorder=0)
        axes.axvline(edge, color="#E4E4E4", linewidth=0.4, zorder=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _sheets(axes: Axes, sheet: Matrix, busy: np.ndarray, names: list[str], changed: Matrix) -> None:
    """One bar a sector: owned to the right, owed to the left, as shares of the larger side."""
    for at, k in enumerate(busy):
        held = sheet.yuan[:-1, k]
        scale = max(held[held > 0].sum(), -held[held < 0].sum())
        if scale <= 0:
            continue
        for sign in (1, -1):
            start = 0.0
            for row, name in enumerate(sheet.rows[:-1]):
                part = held[row] / scale
                if part * sign > 0:
                    axes.barh(at, part, 0.62, left=start, color=INKS.get(name, style.GREY), linewidth=0)
                    start += part
        axes.text(1.08, at, _words(float(sheet.yuan[-1, k])), fontsize=5.2, va="center", ha="left")
    axes.axvline(0, color=style.BLACK, linewidth=0.6)
    axes.set(xlim=(-1.05, 1.42), ylim=(len(names) - 0.5, -0.5))
    axes.set_yticks(range(len(names)), names, fontsize=6)
    axes.set_xticks([-1, 0, 0.9, 1.28], ["owed", "", "owned", "net"], fontsize=6)
    axes.tick_params(length=0)
    for name in sheet.rows[:-1]:
        axes.barh([0], [0], color=INKS.get(name, style.GREY), label=name)
    axes.legend(fontsize=5.5, ncols=2, loc="upper left", bbox_to_anchor=(0.0, -0.06), handlelength=1.0)
    axes.spines["left"].set_visible(False)


def _words(yuan: float) -> str:
    """Two or three digits and a unit, to fit into a square."""
    scale, unit = next(((scale, unit) for scale, unit in frame.UNITS if abs(yuan) >= scale), (1e6, "m"))
    value, unit = yuan / scale, unit.removesuffix(" yuan")
    if abs(value) < 0.1:
        return f"<0.1 {unit}" if value > 0 else "0"
    return frame.minus(f"{value:.{0 if abs(value) >= 10 else 1}f} {unit}")

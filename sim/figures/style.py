"""The look of every figure, and the one way to save it: same data, same bytes, on any day.

Colours are Okabe and Ito's, told apart by the colour-blind; text is set in the font that comes with
Matplotlib, so that a figure does not depend on what a machine has installed. Chinese is shown where a font
for it is found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#6B6B6B"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)

TINTS = ("#FBE3D2", "#D8E9F5", "#E3F0E4", "#F4E4EE", "#FBF3CF", "#E8E8E8")
"Light fills for areas, in the order of the region's admins, the source first."

CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei", "Droid Sans Fallback",
)  # fmt: skip

SINGLE_COLUMN_MM = 89.0
DOUBLE_COLUMN_MM = 183.0
DPI = 300

PARAMETERS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 7.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "patch.linewidth": 0.6,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "svg.hashsalt": "jjj",
}


@cache
def cjk_font() -> str | None:
    """The first font on this machine that can show Chinese, or None."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


@contextmanager
def styled() -> Iterator[None]:
    """Draws in our style and leaves the caller's untouched."""
    fonts = ["DejaVu Sans", *([found] if (found := cjk_font()) else [])]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # a Chinese font of one weight only is no news to a reader
    try:
        with mpl.rc_context():
            mpl.rcdefaults()
            cast(Any, mpl.rcParams).update({**PARAMETERS, "font.family": fonts})
            yield
    finally:
        log.setLevel(level)


def canvas(width_mm: float = DOUBLE_COLUMN_MM, height_mm: float = 100.0) -> Figure:
    """An empty figure of a size in print, on the backend that needs no screen."""
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_png(figure: Figure, out: Path, dpi: int = DPI) -> Path:
    """Writes the picture without date, host or software version, so that equal pictures are equal files."""
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out


def bilingual(english: str, chinese: str) -> str:
    """The English name with the Chinese one after it where it can be shown."""
    return f"{english} {chinese}" if chinese and cjk_font() else english


def tints(count: int) -> Sequence[str]:
    return tuple(TINTS[index % len(TINTS)] for index in range(count))

"""The look of every figure, and the one way to save it: same data, same bytes, on any day.

Colours are Okabe and Ito's, told apart by the colour-blind; text is set in the font that comes with
Matplotlib, Chinese in a font of our own letters that comes with us, so that a figure does not depend on what a machine
has installed. Other Chinese letters, such as those of a user's region, are shown where a font for them is found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from sim.errors import OutputError, clean
from sim.figures import words

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#6B6B6B"

CHINESE = "JJJ Han Sans"
"Noto Sans SC, cut down to our own letters: fonts/OFL.txt."
CHINESE_FACES = tuple(Path(__file__).parent / "fonts" / f"han-{weight}.ttf" for weight in ("regular", "bold"))
CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei", "Droid Sans Fallback",
)  # fmt: skip

DOUBLE_COLUMN_MM = 183.0
DPI = 300
PACKED = 3
"How hard a .png is packed, 0 to 9: the usual 6 takes half as long again and saves a twentieth of the size."
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
MISSING = "\N{WHITE SQUARE}"

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
    "axes.formatter.useoffset": False,
    "text.parse_math": False,
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
def fonts() -> tuple[str, ...]:
    """Families in the order in which a letter is looked for: Latin, our Chinese, any Chinese of this machine."""
    for face in CHINESE_FACES:
        font_manager.fontManager.addfont(face)
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", CHINESE, *[name for name in CJK_FONTS if name in installed][:1])


@contextmanager
def styled(language: str = "en") -> Iterator[None]:
    """Draws in our style, and in a language, and leaves the caller's untouched."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # a Chinese font of one weight only is no news to a reader
    try:
        with mpl.rc_context(), words.speaking(language):
            mpl.rcdefaults()
            cast(Any, mpl.rcParams).update({**PARAMETERS, "font.family": list(fonts())})
            yield
    finally:
        log.setLevel(level)


def canvas(width_mm: float = DOUBLE_COLUMN_MM, height_mm: float = 100.0) -> Figure:
    """An empty figure of a size in print, on the backend that needs no screen."""
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, out: Path) -> Path:
    """Writes .png, .svg or .pdf without date, host or software version: equal pictures are equal files."""
    kind = out.suffix.lstrip(".").lower()
    if kind != "png" and kind not in METADATA:
        raise OutputError(f"{out}: pictures are written as .png, .svg or .pdf")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if kind == "png":
            _pixels(figure).save(out, format=kind, dpi=(DPI, DPI), compress_level=PACKED)
        else:
            figure.savefig(out, format=kind, dpi=DPI, metadata=METADATA[kind])
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from error
    return out


def _pixels(figure: Figure) -> Image.Image:
    """The figure as pixels without transparency; drawn once, where `savefig` would draw it twice."""
    canvas: Any = figure.canvas
    canvas.draw()
    width, height = canvas.get_width_height()
    return Image.frombuffer("RGBA", (width, height), canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")


def bilingual(english: str, chinese: str) -> str:
    """The English name with the Chinese one after it, or the Chinese one alone in a Chinese picture."""
    return literal(words.either(f"{english} {chinese}".strip(), chinese))


def literal(text: str, longest: int = 60, slanted: bool = False) -> str:
    """Foreign text as it can be drawn: one line, clipped, and a box for what no font here can show."""
    known = _glyphs(slanted)
    return "".join(letter if letter in known else MISSING for letter in clean(text, longest))


@cache
def _glyphs(slanted: bool) -> frozenset[str]:
    """The letters that every face in use can draw; the slanted face knows fewer scripts."""
    faces = [("italic", "normal")] if slanted else [("normal", "normal"), ("normal", "bold")]
    latin = frozenset.intersection(*(_letters("DejaVu Sans", style, weight) for style, weight in faces))
    return latin.union(*(_letters(name, "normal", "normal") for name in fonts()[1:]))


def _letters(family: str, style: Any, weight: str) -> frozenset[str]:
    wanted = font_manager.FontProperties(family=[family], style=style, weight=weight)
    font = font_manager.get_font(font_manager.findfont(wanted))
    return frozenset(chr(code) for code in font.get_charmap())


def mixed(colour: str, share: float, ground: str = "#FFFFFF") -> str:
    """A colour diluted with its ground; `share` 1 is the colour itself."""
    red, green, blue = share * np.array(to_rgb(colour)) + (1 - share) * np.array(to_rgb(ground))
    return to_hex((float(red), float(green), float(blue)))

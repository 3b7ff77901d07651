"""What every figure shares: its page with title and footer, axes of months and amounts, and words for gaps."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.figures import style, words
from sim.results import Result

MARGIN_MM = 2.0
FOOT_MM = 9.5
TITLE_MM = 11.0
LINE_MM = 3.2
FIRST_WIDE = 0x2E80
"Code of the first letter of Chinese script."
CLOSING, OPENING = "，。；：、）”％？！", "（“"
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
UNITS = ((1e12, "tn yuan"), (1e9, "bn yuan"), (1e6, "m yuan"))
UNITS_ZH = ((1e12, "万亿元"), (1e8, "亿元"), (1e4, "万元"))


def page(result: Result, title: str, subtitle: str, height_mm: float, *remarks: str) -> Figure:
    """A page with title above and footer below; panels fill what is between, by constrained layout."""
    return sheet(title, subtitle, height_mm, [origin(result), evidence(result), *remarks])


def sheet(title: str, subtitle: str, height_mm: float, foot: Sequence[str]) -> Figure:
    """A page for pictures that are not of one result alone."""
    figure = style.canvas(style.DOUBLE_COLUMN_MM, height_mm)
    head = TITLE_MM + LINE_MM * subtitle.count("\n")
    low, high, side = FOOT_MM / height_mm, 1 - head / height_mm, MARGIN_MM / style.DOUBLE_COLUMN_MM
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(side, low, 1 - 2 * side, high - low))  # type: ignore[call-arg]
    top, room = 1 - MARGIN_MM / height_mm, style.DOUBLE_COLUMN_MM - 2 * MARGIN_MM
    title = shortened(figure, title, room, fontsize=9, fontweight="bold")
    subtitle = "\n".join(shortened(figure, line, room, fontsize=6.5) for line in subtitle.split("\n"))
    figure.text(side, top, title, fontsize=9, fontweight="bold", va="top").set_in_layout(False)
    under = figure.text(side, top - 4.4 / height_mm, subtitle, fontsize=6.5, color=style.GREY, va="top")
    under.set_in_layout(False)
    for line, text in enumerate(reversed(foot)):
        at = (1.2 + 2.3 * line) / height_mm
        text = shortened(figure, text, room, fontsize=4.8)
        figure.text(side, at, text, fontsize=4.8, color=style.GREY, va="bottom").set_in_layout(False)
    return figure


def leaf(title: str, subtitle: str, panels_mm: float, foot: Sequence[str], key_mm: float = 0.0) -> Figure:
    """A sheet as high as its panels need; the subtitle is broken into lines, and a key may stand below the panels."""
    probe = style.canvas(style.DOUBLE_COLUMN_MM, 10.0)
    room = style.DOUBLE_COLUMN_MM - 2 * MARGIN_MM
    lines = [wrapped(probe, line, room, 3, fontsize=6.5) for line in subtitle.split("\n")]
    subtitle = "\n".join(lines)
    below = 3.0 + 2.3 * len(foot) + key_mm
    height = TITLE_MM + LINE_MM * subtitle.count("\n") + panels_mm + below
    figure = sheet(title, subtitle, height, foot)
    engine = figure.get_layout_engine()
    if engine is not None:
        side = MARGIN_MM / style.DOUBLE_COLUMN_MM
        top = TITLE_MM + LINE_MM * subtitle.count("\n")
        engine.set(rect=(side, below / height, 1 - 2 * side, 1 - (top + below) / height))  # type: ignore[call-arg]
    return figure


def panels(figure: Figure, count: int, across: int, **shared: Any) -> NDArray[Any]:
    """Axes as [row, column] for so many panels, row by row; what is left of the last row stays empty."""
    grid: NDArray[Any] = figure.subplots(max(1, math.ceil(count / across)), across, squeeze=False, **shared)
    for axes in grid.ravel()[count:]:
        axes.set_axis_off()
    return grid


def heading(axes: Axes, title: str) -> None:
    """The title of a panel."""
    axes.set_title(title, loc="left", fontsize=7.5, fontweight="bold")


def key(figure: Figure, foot: Sequence[str], handles: Sequence[Any], labels: Sequence[str]) -> None:
    """A legend for all panels, between them and the footer of a leaf."""
    height = 25.4 * figure.get_size_inches()[1]
    box = figure.legend(handles, labels, loc="lower center", ncols=len(labels), borderpad=0,
                        bbox_to_anchor=(0.5, (3.0 + 2.3 * len(foot)) / height))  # fmt: skip
    box.set_in_layout(False)


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place of the page, in millimetres from its upper left corner; for pages laid out by hand."""
    figure.set_layout_engine("none")
    wide, high = (25.4 * side for side in figure.get_size_inches())
    return figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))


def block(figure: Figure, left: float, top: float, width: float, height: float, **look: Any) -> None:
    """A rectangle behind all else, in millimetres from the page's upper left corner."""
    wide, high = (25.4 * side for side in figure.get_size_inches())
    corner = (left / wide, 1 - (top + height) / high)
    figure.add_artist(Rectangle(corner, width / wide, height / high, zorder=-1, **look))


def write(figure: Figure, left: float, top: float, text: str, **look: Any) -> Text:
    """Text whose upper left corner stands at a place of the page, in millimetres."""
    wide, high = (25.4 * side for side in figure.get_size_inches())
    return figure.text(left / wide, 1 - top / high, text, **{"va": "top", **look})


def page_of(axes: Axes) -> Figure:
    """The page that axes stand on."""
    return cast(Figure, axes.get_figure(root=True))


def pixels_a_point(axes: Axes) -> float:
    """How many pixels a point of type takes."""
    return page_of(axes).dpi / 72


def shortened(figure: Figure, text: str, width: float, **look: Any) -> str:
    """Text cut at its end, where it must be, to be no wider than a width in millimetres."""
    probe = figure.text(0, 0, "", **look)

    def cut(letters: int) -> str:
        return text if letters >= len(text) else text[:letters].rstrip() + "…"

    def too_wide(letters: int) -> bool:
        probe.set_text(cut(letters))
        return bool(probe.get_window_extent().width / figure.dpi * 25.4 > width)

    first = bisect_left(range(len(text) + 1), True, key=too_wide) if too_wide(len(text)) else len(text) + 1
    probe.remove()
    return cut(max(first - 1, 0))


def wrapped(figure: Figure, text: str, width: float, lines: int = 2, **look: Any) -> str:
    """Text broken at blanks, or between Chinese letters, so that no line is wider than a width in millimetres.

    What is too much for the lines is cut.
    """
    done: list[str] = []
    rest = text.strip()
    while rest and len(done) < lines - 1:
        line = shortened(figure, rest, width, **look)
        if line == rest:
            break
        fits = len(line) - 1
        breaks = [at for at in range(1, fits + 1) if _may_break(rest, at)]
        if not breaks:
            done.append(line)
            return "\n".join(done)
        done.append(rest[: breaks[-1]].rstrip())
        rest = rest[breaks[-1] :].lstrip()
    if rest:
        done.append(shortened(figure, rest, width, **look))
    return "\n".join(done)


def _may_break(text: str, at: int) -> bool:
    """Whether a line may end before a letter: at a blank, but not that of "90 %"; beside a Chinese letter, but neither
    before a sign that closes nor after one that opens."""
    before, after = text[at - 1], text[at]
    if after == " ":
        return text[at + 1 : at + 2] != "%"
    return max(ord(before), ord(after)) >= FIRST_WIDE and after not in CLOSING and before not in OPENING


def origin(result: Result) -> str:
    """Which result a picture shows and how to draw it again."""
    name, key = style.literal(result.name, 40), str(result.manifest["key"])
    count = f"{result.replicates} replicate{'s' if result.replicates != 1 else ''}"
    return (
        f"Scenario {name} · {count} · seed {result.manifest['seed']} · result {key} · "
        f"redraw with: jjj plot results/{name}/{key}"
    )


def evidence(result: Result) -> str:
    """What the picture may be taken for."""
    return simulated(result.scale)


def simulated(scale: float = 1.0) -> str:
    """What a picture of simulations may be taken for."""
    about = "" if scale == 1 else words.say(" at scale {scale}", scale=f"{scale:g}")
    return words.say(
        "Simulated, not observed: one agent per counted organisation{scale}, with synthetic attributes; "
        "nothing below the zone is measured.",
        scale=about,
    )


def place_name(result: Result, key: str, longest: int = 26) -> str:
    """The name of a place."""
    place = result.place(key)
    return style.literal(style.bilingual(place["name_en"], place["name_zh"]), longest)


def colours(result: Result) -> dict[str, str]:
    """One colour an administration, the same in every figure; the source is black."""
    shades = [style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY]
    source = dict.fromkeys(result.admins(source=True), style.BLACK)
    return source | {key: shades[at % len(shades)] for at, key in enumerate(result.admins(source=False))}


def scaled(top: float, unit: str) -> tuple[float, str]:
    """By what to divide an axis whose largest value is `top`, and the unit to write on it."""
    if unit == "share":
        return 0.01, "%"
    if unit == "1e-6":
        return 1e6, "1"
    if unit != "yuan":
        return 1.0, words.say("number") if unit == "count" else unit
    units = UNITS_ZH if words.chinese() else UNITS
    return next(((scale, word) for scale, word in units if top >= scale), (1.0, words.say("yuan")))


def plain_numbers(axes: Axes, which: str = "y", ticks: int = 5, whole: bool = False) -> None:
    """Few ticks, thousands parted, no offsets."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10], integer=whole))
    axis.set_major_formatter(FuncFormatter(number))


def number(value: float, position: int | None = None) -> str:
    """A number at a tick, thousands parted; Matplotlib gives the tick's position too."""
    text = f"{value:,.0f}" if value == round(value) else f"{value:,.10g}"
    digits, _, power = text.partition("e")
    return minus(f"{digits} × {power_of_ten(int(power))}" if power else digits)


def power_of_ten(exponent: int) -> str:
    """As print has it, with the exponent raised."""
    return f"10{str(exponent).translate(RAISED)}"


def minus(text: str) -> str:
    """A number in words with the sign that print has for its hyphen."""
    return text.replace("-", "\N{MINUS SIGN}")


def rows(axes: Axes, labels: Sequence[str], room: int, size: float = 5.8) -> None:
    """A row a label, the first at the top, in a panel with room for so many rows; neither ticks nor a line beside."""
    axes.set_yticks(range(len(labels)), labels, fontsize=size)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(room - 0.4, -0.6)


def month_axis(axes: Axes, months: Sequence[str]) -> None:
    """Years below an axis that counts months; the tick stands at January."""
    januaries = [at for at, month in enumerate(months) if month.endswith("-01")]
    step = next(s for s in (1, 2, 3, 5, 10, 20, 50, 100) if len(januaries) / s <= 7)
    shown = [at for at in januaries if int(months[at][:4]) % step == 0 or step == 1]
    if len(shown) < 2:
        shown = sorted({0, len(months) - 1})
        labels = [months[at] for at in shown]
    else:
        labels = [months[at][:4] for at in shown]
    axes.set_xticks(shown, labels)
    axes.set_xlim(-0.5, max(len(months) - 0.5, 0.5))


def gap(axes: Axes, why: str) -> None:
    """A panel that has nothing to show says why."""
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color=style.GREY, fontsize=6)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("#D0D0D0")


def nice(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above a value."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (5, 2, 1) if step * power <= value * (1 + 1e-9))

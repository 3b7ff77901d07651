"""The map of a run: where branches are alive, where achievements were bought, and the parks, on the grid.

Cells of one zone share one shade, because nothing below the zone is claimed. Parks carry numbers with a key
beside the map; every label takes the best free place round its point, so that a region never seen before is
legible too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.figures import frame, ground, style
from sim.results import Result
from sim.results.geography import Site
from sim.results.targets import longest_window
from sim.results.wording import amount, window

Reals = NDArray[np.float64]

BRANCHES, DEALS = "branches_alive", "deals"
SHADES = ("#EEF3EC", "#D3E5D3", "#ABD0B4", "#7BB497", "#4C9580", "#26736A", "#0F4F52")
"From few to many, in equal steps of lightness."
NOTHING = "#FAFAFA"
STEPS = tuple(float(f"{digit}e{power}") for power in range(-3, 7) for digit in (1, 3))
LARGEST_PT = 10.0
PARK_PT = 4.2
KEY_MM = 58.0


def draw(result: Result, out: Path, month: str | None = None) -> Path:
    """Draws the end of a month; without one, of the longest window among the figures the run is held against."""
    with style.styled():
        geography = result.geography
        month = month or longest_window(result)[1]
        west, east, south, north = ground.extent(geography)
        map_mm = style.DOUBLE_COLUMN_MM - KEY_MM
        inner = float(np.clip(map_mm * (north - south) / (east - west), 95, 200))
        height = inner + frame.TITLE_MM + frame.FOOT_MM
        title = style.bilingual(geography.title_en, geography.title_zh)
        figure = frame.page(
            result, f"{title}: branches, deals and parks at the end of {window(month, month)}",
            f"Mean of {result.replicates} replicate{'s' if result.replicates != 1 else ''}; all cells of a zone "
            f"share its shade",
            height, style.literal(geography.attribution, 200),
        )  # fmt: skip
        figure.set_layout_engine("none")
        share, foot = map_mm / style.DOUBLE_COLUMN_MM, frame.FOOT_MM / height
        axes = figure.add_axes((0, foot, share, inner / height))
        ground.prepare(axes, geography)
        density = _at(result, BRANCHES, month) / np.maximum(geography.cells, 1)
        steps = _classes(density)
        ground.areas(axes, geography, [_shade(value, steps) for value in density])
        ground.borders(axes, result)
        ground.scale_bar(axes, geography)
        axes.apply_aspect()
        deals = _until(result, DEALS, month)
        radii = LARGEST_PT * np.sqrt(deals / max(deals.max(initial=0.0), 1e-9))
        parks = [site for site in geography.sites_of("park") if site.key in result.manifest["parks"]]
        taken = _symbols(axes, result, radii, parks, month)
        ground.name_places(axes, result, taken, radii)
        side = figure.add_axes((share, foot, 1 - share, inner / height))
        side.set(xlim=(0, KEY_MM), ylim=(0, inner))
        side.set_axis_off()
        _key(side, result, _shade_key(density, steps), float(deals.max(initial=0.0)), parks, month, inner)
        return style.save(figure, out)


def _at(result: Result, metric: str, month: str) -> Reals:
    """Mean over replicates in each zone at a month."""
    zones = len(result.geography.zones)
    return np.asarray(result.series(metric)[:, result.month(month), :zones].mean(axis=0))


def _until(result: Result, metric: str, month: str) -> Reals:
    """Mean over replicates of the sum up to a month."""
    zones = len(result.geography.zones)
    values = result.series(metric)[:, : result.month(month) + 1, :zones].sum(axis=1)
    return np.asarray(values.mean(axis=0))


def _classes(density: Reals) -> list[float]:
    """Bounds between the shades, at 1 and 3 times powers of ten, between the least and the largest density."""
    least = float(density[density > 0].min(initial=math.inf))
    most = float(density.max(initial=0.0))
    return [step for step in STEPS if least < step < most][-(len(SHADES) - 1) :]


def _shades(steps: Sequence[float]) -> list[str]:
    """One shade a class, spread over all there are."""
    at = np.linspace(0, len(SHADES) - 1, len(steps) + 1) if steps else np.array([len(SHADES) // 2])
    return [SHADES[int(k)] for k in np.round(at)]


def _shade(value: float, steps: Sequence[float]) -> str:
    return _shades(steps)[int(np.searchsorted(steps, value, side="right"))] if value > 0 else NOTHING


def _symbols(axes: Axes, result: Result, radii: Reals, parks: Sequence[Site], month: str) -> list[Bbox]:
    """Circles for deals, dots for cities, numbered discs for parks, a star for the source; and their room."""
    geography = result.geography
    taken: list[Bbox] = []
    for z in np.argsort(-radii):
        zone, radius = geography.zones[z], float(radii[z])
        if radius > 0:
            axes.plot(
                zone.x, zone.y, "o", markersize=2 * radius, markerfacecolor=style.mixed(style.ORANGE, 0.8) + "B0",
                markeredgecolor="#8A5A00", markeredgewidth=0.6, zorder=6,
            )  # fmt: skip
            taken.append(ground.room(axes, zone.x, zone.y, 0.85 * radius))
    for city in geography.centres:
        axes.plot(city.x, city.y, "o", markersize=2.2, color=style.BLACK, markeredgewidth=0, zorder=7)
        taken.append(ground.room(axes, city.x, city.y, 1.8))
    for site in geography.sites_of("source"):
        axes.plot(
            site.x, site.y, "*", markersize=9, color=style.BLUE, markeredgecolor="white", markeredgewidth=0.5, zorder=9
        )
        taken.append(ground.room(axes, site.x, site.y, 4.0))
    scale = frame.pixels_a_point(axes)
    for number, site in enumerate(parks, 1):
        px, py = axes.transData.transform((site.x, site.y))
        best: tuple[int, int, tuple[float, float], Bbox] | None = None
        for order, (dx, dy) in enumerate(_offsets()):
            box = Bbox.from_bounds(
                px + (dx - PARK_PT) * scale, py + (dy - PARK_PT) * scale, 2 * PARK_PT * scale, 2 * PARK_PT * scale
            )
            score = (sum(box.overlaps(other) for other in taken), order, (dx, dy), box)
            if best is None or score[:2] < best[:2]:
                best = score
        if best is not None:
            _disc(axes, site, best[2], str(number), is_open(result, site.key, month))
            taken.append(best[3])
    return taken


def _offsets() -> list[tuple[float, float]]:
    """Where a disc may stand, in points from its site, the site itself first."""
    around = [(math.cos(a), math.sin(a)) for a in np.arange(8) * math.pi / 4 + math.pi / 8]
    return [(0.0, 0.0), *((reach * c, reach * s) for reach in (9.0, 13.0, 17.0) for c, s in around)]


def is_open(result: Result, park: str, month: str) -> bool:
    """Whether the scenario has a park open at a month."""
    dates: dict[str, Any] = result.manifest["parks"].get(park, {})
    opened, closed = dates.get("open"), dates.get("close")
    return bool(opened and opened <= month and not (closed and closed <= month))


def _disc(axes: Axes, site: Site, offset: tuple[float, float], number: str, opened: bool) -> None:
    axes.annotate(
        number, (site.x, site.y), xytext=offset, textcoords="offset points", ha="center", va="center_baseline",
        fontsize=5.6, fontweight="bold", color="white" if opened else style.VERMILION,
        bbox={
            "boxstyle": "circle,pad=0.22",
            "facecolor": style.VERMILION if opened else "white",
            "edgecolor": style.VERMILION,
            "linewidth": 0.8,
        },
        arrowprops=None if offset == (0.0, 0.0) else {
            "arrowstyle": "-", "color": style.VERMILION, "linewidth": 0.7, "shrinkB": 0, "shrinkA": 0,
        },
        zorder=8,
    )  # fmt: skip


def _key(
    side: Axes, result: Result, shades: list[Artist], most: float, parks: Sequence[Site],
    month: str, height: float,
) -> None:  # fmt: skip
    """Legends from the top down, in millimetres."""
    geography = result.geography
    area = geography.cell_km**2
    y = _legend(side, height - 2.0, f"Branches alive per {area:g} km² (one cell)", shades)
    y = _circles(side, y - 3.5, f"Deals, {window(result.months[0], month)}", most)
    signs: list[Artist] = [
        Line2D([], [], color=ground.BORDER, linewidth=1.3, label="border of an administration"),
        Line2D([], [], color=ground.BORDER, linewidth=0.6, label="prefecture"),
        Line2D([], [], color=ground.BORDER, linewidth=0.6, linestyle=ground.DASHES, label="zone inside it"),
        _point(style.BLACK, "o", 2.4, "city"),
        *(
            _point(style.BLUE, "*", 8, style.bilingual(site.short_en, site.short_zh))
            for site in geography.sites_of("source")
        ),
    ]
    y = _legend(side, y - 4.0, "", signs)
    if not parks:
        return
    y -= 5.0
    side.text(0, y, "Parks of the scenario", fontsize=7, fontweight="bold", va="top")
    y -= 6.0
    for number, site in enumerate(parks, 1):
        opened = is_open(result, site.key, month)
        colour = style.VERMILION if opened else "white"
        side.add_patch(Circle((2.0, y), 1.55, facecolor=colour, edgecolor=style.VERMILION, linewidth=0.8))
        side.text(
            2.0, y - 0.05, str(number), ha="center", va="center_baseline", fontsize=5.6, fontweight="bold",
            color="white" if opened else style.VERMILION,
        )  # fmt: skip
        name = style.literal(style.bilingual(site.short_en, site.short_zh), 20)
        side.text(5.4, y, name, va="center_baseline", fontsize=6.5)
        side.text(27.0, y, _dates(result, site.key), va="center_baseline", fontsize=6, color=style.GREY)
        y -= 4.3
    side.text(0, y - 0.5, "filled: open by then; hollow: not", fontsize=6, color=style.GREY, va="center_baseline")


def _legend(side: Axes, y: float, title: str, handles: list[Artist]) -> float:
    """A legend whose top is at y; returns its lower end."""
    height = side.get_ylim()[1]
    if title:
        side.text(0, y, title, fontsize=7, fontweight="bold", va="top")
        y -= 4.2
    legend = side.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, y / height), borderaxespad=0, borderpad=0,
        handlelength=1.8, labelspacing=0.35,
    )  # fmt: skip
    side.add_artist(legend)
    return float(legend.get_window_extent().transformed(side.transData.inverted()).y0)


def _shade_key(density: Reals, steps: Sequence[float]) -> list[Artist]:
    """A patch a class, the densest first."""
    bounds = [f"{step:g}" for step in steps]
    words = [f"{a} to {b}" for a, b in pairwise(bounds)]
    if bounds:
        words = [f"under {bounds[0]}", *words, f"{bounds[-1]} or more"]
    elif density.any():
        words = [f"{density[density > 0].mean():.2g}"]
    pairs = list(zip(_shades(steps), words, strict=True)) if words else []
    if not density.all():
        pairs.insert(0, (NOTHING, "none"))
    return [Patch(facecolor=shade, edgecolor=ground.BORDER, linewidth=0.4, label=w) for shade, w in reversed(pairs)]


def _circles(side: Axes, y: float, title: str, most: float) -> float:
    """Three circles with their values; areas are proportional."""
    side.text(0, y, title, fontsize=7, fontweight="bold", va="top")
    y -= 4.4
    if most <= 0:
        side.text(0, y, "none", fontsize=6.5, va="top")
        return y - 4.0
    mm = 25.4 / 72
    values = [frame.nice(most), frame.nice(most / 4), frame.nice(most / 25)]
    radii = [LARGEST_PT * math.sqrt(value / most) * mm for value in values]
    y -= radii[0]
    x = 0.0
    for value, radius in zip(values, radii, strict=True):
        x += radius
        side.add_patch(
            Circle((x, y), radius, facecolor=style.mixed(style.ORANGE, 0.8) + "B0", edgecolor="#8A5A00", linewidth=0.6)
        )
        x += radius + 1.0
        side.text(x, y, amount(value, "count"), va="center_baseline", fontsize=6.5)
        x += 9.0
    return y - radii[0]


def _point(colour: str, marker: str, size: float, label: str) -> Line2D:
    return Line2D([], [], color=colour, marker=marker, markersize=size, linestyle="none", label=label)


def _dates(result: Result, park: str) -> str:
    dates: dict[str, Any] = result.manifest["parks"][park]
    words = []
    if dates.get("open"):
        words.append(f"opens {window(dates['open'], dates['open'])}")
    elif dates.get("announce"):
        words.append(f"announced {window(dates['announce'], dates['announce'])}")
    if dates.get("close"):
        words.append(f"closes {window(dates['close'], dates['close'])}")
    return ", ".join(words) or "no date"

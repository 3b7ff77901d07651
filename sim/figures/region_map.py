"""The region itself: zones, cells, cities and parks, drawn from its data folder alone.

Parks carry numbers with a key beside the map, because their names and dates would hide the places they stand
on; every label takes the best free place round its point, so that a region never seen before is legible too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, PathPatch
from matplotlib.path import Path as Outlines
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from sim.figures import style
from sim.region import Outline, Region, Site
from sim.region.grid import Floats

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
OPENING_WORDS = {
    "opened": "opened",
    "agreement": "agreement",
    "started": "works began",
    "announced": "announced",
}
PARK_RADIUS_PT = 4.2
DARKER = 0.93
BORDER = "#5A5A5A"
SAME_PLACE_KM = 1.0
DASHES = (0, (2.2, 1.6))
FAR_PT = 10.0

Place = tuple[float, float, Literal["left", "center", "right"], Literal["bottom", "center", "top"]]


def draw(region: Region, out: Path) -> Path:
    """Draws the map of a region and returns the file it wrote."""
    with style.styled():
        x, y = region.grid.x_km, region.grid.y_km
        margin = 2.0 * region.grid.cell_km
        west, east, south, north = x.min() - margin, x.max() + margin, y.min() - margin, y.max() + margin
        key_mm = 62.0
        map_mm = style.DOUBLE_COLUMN_MM - key_mm
        height_mm = float(np.clip(map_mm * (north - south) / (east - west), 60, 230))
        figure = style.canvas(style.DOUBLE_COLUMN_MM, height_mm + 5)
        figure.set_layout_engine("none")
        share = map_mm / style.DOUBLE_COLUMN_MM
        foot = 5 / (height_mm + 5)
        axes = figure.add_axes((0, foot, share, 1 - foot))
        axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", anchor="C")
        axes.set_axis_off()
        _ground(axes, region)
        _scale_bar(axes, region)
        parks = [site for site in region.sites.values() if site.kind == "park"]
        sources = [site for site in region.sites.values() if site.kind == "source"]
        figure.draw_without_rendering()
        taken = _places(axes, region, figure, parks, sources)
        _labels(axes, region, figure, taken)
        side = figure.add_axes((share, foot, 1 - share, 1 - foot))
        side.set(xlim=(0, key_mm), ylim=(0, height_mm))
        side.set_axis_off()
        _key(side, region, figure, parks, sources, height_mm)
        figure.text(0.012, 0.008, region.attribution, fontsize=4.8, color=style.GREY, va="bottom")
        return style.save_png(figure, out)


def _ground(axes: Axes, region: Region) -> None:
    """Tints by admin, the cells as a faint mesh, and the borders of zones, prefectures and admins."""
    tints = style.tints(len(region.admins))
    zones = region.zones
    sizes = [len(region.grid.cells_of(z)) for z in range(len(zones))]
    for index, line in enumerate(region.zone_outlines):
        family = [z for z in range(len(zones)) if zones.prefecture[z] == zones.prefecture[index]]
        largest = max(family, key=sizes.__getitem__)
        tint = np.array(to_rgb(tints[int(zones.admin[index])]))
        colour = tint * (1.0 if index == largest else DARKER)
        axes.add_patch(PathPatch(_path(line), facecolor=tuple(colour), edgecolor="none", zorder=1))
    half = region.grid.cell_km / 2
    x, y = region.grid.x_km, region.grid.y_km
    corners = np.stack(
        [
            np.stack([x + a * half, y + b * half], axis=1)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
        ],
        axis=1,
    )
    axes.add_collection(LineCollection(list(corners), colors="white", linewidths=0.35, alpha=0.75, zorder=2))
    _border(axes, region.zone_outlines, 0.45, DASHES, 3)
    _border(axes, region.outlines, 0.5, "solid", 4)
    for admin in range(len(region.admins)):
        for ring in _admin_rings(region, admin):
            axes.plot(ring[:, 0], ring[:, 1], color=BORDER, linewidth=1.1, solid_joinstyle="round", zorder=5)


def _path(line: Outline) -> Outlines:
    return Outlines.make_compound_path(*(Outlines(ring, closed=True) for ring in line.rings))


def _border(axes: Axes, lines: Iterable[Outline], width: float, dash: object, zorder: int) -> None:
    patches = [PathPatch(_path(line)) for line in lines]
    axes.add_collection(
        PatchCollection(
            patches, facecolor="none", edgecolor=BORDER, linewidth=width, linestyle=dash, zorder=zorder
        )
    )


def _admin_rings(region: Region, admin: int) -> list[Floats]:
    """The outer and inner borders of one admin, its prefectures joined."""
    names = {region.zones.prefecture[z] for z in range(len(region.zones)) if region.zones.admin[z] == admin}
    shapes = [shapely.Polygon(ring) for line in region.outlines if line.name in names for ring in line.rings]
    joined = shapely.union_all(shapely.make_valid(shapes))
    parts = [part for part in shapely.get_parts(joined) if isinstance(part, shapely.Polygon)]
    return [shapely.get_coordinates(ring) for part in parts for ring in (part.exterior, *part.interiors)]


def _places(
    axes: Axes, region: Region, figure: Figure, parks: Sequence[Site], sources: Sequence[Site]
) -> list[Bbox]:
    """Dots for cities, numbered discs for parks, a star for the source; the room they take in pixels."""
    taken: list[Bbox] = []
    scale = figure.dpi / 72
    for _, _, x, y in region.centres:
        axes.plot(x, y, "o", markersize=2.6, color=style.BLACK, markeredgewidth=0, zorder=7)
        taken.append(_room(axes, x, y, 2.0 * scale))
    for site in sources:
        x, y = region.projection.point(site.lon, site.lat)
        axes.plot(
            x, y, "*", markersize=9, color=style.BLUE, markeredgecolor="white", markeredgewidth=0.5, zorder=9
        )
        taken.append(_room(axes, x, y, 4.5 * scale))
    spots = [region.projection.point(site.lon, site.lat) for site in parks]
    for number, (site, (x, y)) in enumerate(zip(parks, spots, strict=True), 1):
        px, py = axes.transData.transform((x, y))
        offset = (0.0, 0.0)
        for dx, dy in ((0, 0), (8, 6), (8, -6), (-8, 6), (-8, -6), (0, 10), (0, -10)):
            box = Bbox.from_bounds(
                px + (dx - PARK_RADIUS_PT) * scale, py + (dy - PARK_RADIUS_PT) * scale,
                2 * PARK_RADIUS_PT * scale, 2 * PARK_RADIUS_PT * scale,
            )  # fmt: skip
            if not any(box.overlaps(other) for other in taken):
                offset = (float(dx), float(dy))
                break
        _disc(axes, (x, y), offset, str(number), site)
        taken.append(
            Bbox.from_bounds(
                px + (offset[0] - PARK_RADIUS_PT) * scale, py + (offset[1] - PARK_RADIUS_PT) * scale,
                2 * PARK_RADIUS_PT * scale, 2 * PARK_RADIUS_PT * scale,
            )
        )  # fmt: skip
    return taken


def _room(axes: Axes, x: float, y: float, radius_px: float) -> Bbox:
    px, py = axes.transData.transform((x, y))
    return Bbox.from_bounds(px - radius_px, py - radius_px, 2 * radius_px, 2 * radius_px)


def _disc(axes: Axes, at: tuple[float, float], offset: tuple[float, float], number: str, site: Site) -> None:
    opened = site.opening_kind == "opened"
    axes.annotate(
        number,
        at,
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center_baseline",
        fontsize=5.6,
        fontweight="bold",
        color="white" if opened else style.VERMILION,
        bbox={
            "boxstyle": "circle,pad=0.22",
            "facecolor": style.VERMILION if opened else "white",
            "edgecolor": style.VERMILION,
            "linewidth": 0.8,
        },
        arrowprops={"arrowstyle": "-", "color": style.VERMILION, "linewidth": 0.6}
        if offset != (0, 0)
        else None,
        zorder=8,
    )


def _labels(axes: Axes, region: Region, figure: Figure, taken: list[Bbox]) -> None:
    """Names of cities, and of zones that are no city's own, each where it touches nothing."""
    renderer: RendererAgg = cast(Any, figure.canvas).get_renderer()
    wanted = [
        (style.bilingual(en, zh.removesuffix("市")), x, y, 6.6, "normal", 2.4)
        for en, zh, x, y in region.centres
    ]
    homes = np.array([(x, y) for _, _, x, y in region.centres])
    zone_x, zone_y = region.project(region.zones.lon, region.zones.lat)
    for z, (at_x, at_y) in enumerate(zip(zone_x, zone_y, strict=True)):
        if np.hypot(homes[:, 0] - at_x, homes[:, 1] - at_y).min() > SAME_PLACE_KM:
            wanted.append((region.zones.name_en[z], float(at_x), float(at_y), 5.6, "italic", 0.0))
    borders = axes.transData.transform(_border_points(region))
    reach = figure.bbox.width / 4  # pixels, more than any label and its offset
    for name, x, y, size, slant, gap in wanted:
        text = axes.annotate(
            name,
            (x, y),
            xytext=(0, 0),
            textcoords="offset points",
            fontsize=size,
            fontstyle=slant,
            zorder=10,
            path_effects=[withStroke(linewidth=1.6, foreground="white", alpha=0.8)],
        )
        near = borders[np.abs(borders - axes.transData.transform((x, y))).max(axis=1) < reach]
        scores = []
        for order, place in enumerate(_directions(gap)):
            box = _move(text, place).get_window_extent(renderer).padded(1.5)
            outside = not (axes.bbox.contains(*box.min) and axes.bbox.contains(*box.max))
            overlaps = sum(box.overlaps(other) for other in taken)
            crossed = np.all((near > box.min) & (near < box.max), axis=1).any()
            far = np.hypot(place[0], place[1]) > FAR_PT
            scores.append((outside, overlaps, far, crossed, order, place))
        best = min(scores)[-1]
        taken.append(_move(text, best).get_window_extent(renderer).padded(1.5))


def _move(text: Annotation, place: Place) -> Annotation:
    dx, dy, ha, va = place
    text.set_position((dx, dy))
    text.set(ha=ha, va=va)
    return text


def _border_points(region: Region) -> Floats:
    """Points along the prefectures' borders, close enough that none slips through a label between them."""
    lines = [shapely.LineString(ring) for line in region.outlines for ring in line.rings]
    return np.asarray(shapely.get_coordinates(shapely.segmentize(lines, region.grid.cell_km / 5)))


def _directions(gap: float) -> list[Place]:
    """Offsets in points with their alignment, the nearest first."""
    first: list[Place] = [] if gap else [(0.0, 0.0, "center", "center")]
    for reach in (gap + 1, gap + 4, gap + 8, gap + 13, gap + 19):
        first += [
            (reach, 0, "left", "center"), (-reach, 0, "right", "center"), (0, reach, "center", "bottom"),
            (0, -reach, "center", "top"), (reach, reach, "left", "bottom"), (reach, -reach, "left", "top"),
            (-reach, reach, "right", "bottom"), (-reach, -reach, "right", "top"),
        ]  # fmt: skip
    return first


def _scale_bar(axes: Axes, region: Region) -> None:
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length = max(step for step in (10, 20, 50, 100, 200, 500, 1000) if step <= max(10.0, (east - west) / 4))
    y = south + 0.02 * (north - south)
    low = region.grid.y_km < south + 0.12 * (north - south)
    left = np.count_nonzero(low & (region.grid.x_km < (west + east) / 2))
    right = np.count_nonzero(low & (region.grid.x_km >= (west + east) / 2))
    x = west + 0.03 * (east - west) if left <= right else east - 0.06 * (east - west) - length
    for start, colour in ((0.0, style.BLACK), (0.5, "white")):
        axes.add_patch(
            PathPatch(
                Outlines(
                    [
                        (x + start * length, y),
                        (x + (start + 0.5) * length, y),
                        (x + (start + 0.5) * length, y + 0.008 * (north - south)),
                        (x + start * length, y + 0.008 * (north - south)),
                        (x + start * length, y),
                    ]
                ),
                facecolor=colour,
                edgecolor=style.BLACK,
                linewidth=0.5,
                zorder=6,
            )
        )
    for at, text in ((0.0, "0"), (0.5, f"{length / 2:g}"), (1.0, f"{length:g} km")):
        axes.text(x + at * length, y + 0.012 * (north - south), text, fontsize=5.6, ha="center", va="bottom")


def _key(
    side: Axes, region: Region, figure: Figure, parks: Sequence[Site], sources: Sequence[Site], height: float
) -> None:
    """Title, legend and the numbered list of parks, from the top down, in millimetres."""
    y = height - 6.0
    side.text(
        0, y, style.bilingual(region.title_en, region.title_zh), fontsize=9, fontweight="bold", va="top"
    )
    y -= 6.0
    cells = f"{len(region.grid):,} cells of {region.grid.cell_km:g} km, {len(region.zones)} zones"
    side.text(0, y, cells, fontsize=6.5, color=style.GREY, va="top")
    tints = style.tints(len(region.admins))
    handles: list[Artist] = [
        Patch(
            facecolor=tint,
            edgecolor=BORDER,
            linewidth=0.8,
            label=style.bilingual(admin.name_en, admin.name_zh),
        )
        for admin, tint in zip(region.admins, tints, strict=True)
    ]
    handles += [
        Line2D([], [], color=BORDER, linewidth=0.6, label="prefecture"),
        Line2D([], [], color=BORDER, linewidth=0.6, linestyle=DASHES, label="zone inside a prefecture"),
        _point(style.BLACK, "o", 2.6, "city"),
        *(
            _point(style.BLUE, "*", 8, style.bilingual(site.short_en, site.short_zh))
            for site in sources
        ),
        _point(style.VERMILION, "o", 6, "park, opened"),
        _point(style.VERMILION, "o", 6, "park, not opened at the date given", "white"),
    ]  # fmt: skip
    legend = side.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, (y - 4.0) / height),
        borderaxespad=0,
        handlelength=1.6,
    )
    figure.draw_without_rendering()
    below = legend.get_window_extent().transformed(side.transData.inverted())
    y = below.y0 - 6.0
    side.text(0, y, "Parks", fontsize=7.5, fontweight="bold", va="top")
    y -= 6.5
    for number, site in enumerate(parks, 1):
        opened = site.opening_kind == "opened"
        disc = Circle(
            (2.0, y), 1.55, facecolor=style.VERMILION if opened else "white", edgecolor=style.VERMILION
        )
        side.add_patch(disc)
        side.text(
            2.0, y - 0.05, str(number), ha="center", va="center_baseline", fontsize=5.6, fontweight="bold",
            color="white" if opened else style.VERMILION,
        )  # fmt: skip
        side.text(5.4, y, style.bilingual(site.short_en, site.short_zh), va="center_baseline", fontsize=6.8)
        side.text(33.0, y, _opening(site), va="center_baseline", fontsize=6.2, color=style.GREY)
        y -= 4.6


def _point(colour: str, marker: str, size: float, label: str, fill: str | None = None) -> Line2D:
    return Line2D(
        [], [], color=colour, marker=marker, markersize=size, linestyle="none", label=label,
        markerfacecolor=fill or colour,
    )  # fmt: skip


def _opening(site: Site) -> str:
    if not site.opening:
        return "no date"
    year, *rest = site.opening.split("-")
    month = f"{MONTHS[int(rest[0]) - 1]} " if rest else ""
    return f"{OPENING_WORDS.get(site.opening_kind, '')} {month}{year}".strip()

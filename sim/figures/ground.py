"""The ground of maps: areas, borders, cells, scale bar, and labels that find the best free place round a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, cast

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outlines
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.figures import frame, style
from sim.results import Result
from sim.results.geography import Geography, Outline

Reals = NDArray[np.float64]

BORDER = "#5A5A5A"
DASHES = (0, (2.2, 1.6))
SAME_PLACE_KM = 1.0
FAR_PT = 10.0
HALO = withStroke(linewidth=1.6, foreground="white", alpha=0.85)


class Label(NamedTuple):
    """A name for a point of the map; `gap` is the radius, in points, of the symbol that stands there, if any."""

    text: str
    x: float
    y: float
    size: float
    slant: Literal["normal", "italic"] = "normal"
    gap: float = 0.0


class Mapped(Protocol):
    """Whatever has a map and knows its places: a result, or the answers of an experiment."""

    @property
    def geography(self) -> Geography | None: ...

    def place(self, key: str) -> Mapping[str, Any]: ...


Place = tuple[float, float, Literal["left", "center", "right"], Literal["bottom", "center", "top"]]


def extent(geography: Geography) -> tuple[float, float, float, float]:
    """West, east, south and north of a map, in kilometres."""
    x, y = geography.cell_x, geography.cell_y
    margin = 1.5 * geography.cell_km
    return x.min() - margin, x.max() + margin, y.min() - margin, y.max() + margin


def prepare(axes: Axes, geography: Geography) -> None:
    """Axes in kilometres, without frame."""
    west, east, south, north = extent(geography)
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", anchor="C")
    axes.set_axis_off()


def areas(axes: Axes, geography: Geography, fills: Sequence[str], mesh: bool = True) -> None:
    """Zones in their colours, and the cells as a faint mesh."""
    for zone, fill in zip(geography.zones, fills, strict=True):
        axes.add_artist(PathPatch(path_of(zone.outline), facecolor=fill, edgecolor=fill, linewidth=0.2, zorder=1))
    if mesh:
        half = geography.cell_km / 2
        x, y = geography.cell_x, geography.cell_y
        around = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
        corners = np.stack([np.stack([x + a * half, y + b * half], axis=1) for a, b in around], axis=1)
        axes.add_collection(LineCollection(list(corners), colors="white", linewidths=0.3, alpha=0.55, zorder=2))


def borders(axes: Axes, result: Mapped, strength: float = 1.0) -> None:
    """Borders of zones, prefectures and administrations, each heavier than the one before."""
    geography = result.geography
    assert geography is not None
    _lines(axes, [zone.outline for zone in geography.zones], 0.45 * strength, DASHES, 3)
    _lines(axes, geography.outlines, 0.5 * strength, "solid", 4)
    shapes = {outline.name: outline.area for outline in geography.outlines}
    for admin in {result.place(zone.key)["admin"]: None for zone in geography.zones}:
        mine = dict.fromkeys(z.prefecture for z in geography.zones if result.place(z.key)["admin"] == admin)
        joined = shapely.union_all([shapes[name] for name in mine])
        for part in shapely.get_parts(joined):
            if isinstance(part, shapely.Polygon):
                for ring in (part.exterior, *part.interiors):
                    line = shapely.get_coordinates(ring)
                    axes.plot(
                        line[:, 0], line[:, 1], color=BORDER, linewidth=1.1 * strength,
                        solid_joinstyle="round", zorder=5,
                    )  # fmt: skip


def path_of(line: Outline) -> Outlines:
    """An area as a path, with its holes."""
    return Outlines.make_compound_path(*(Outlines(ring, closed=True) for ring in line.rings))


def _lines(axes: Axes, lines: Iterable[Outline], width: float, dash: object, zorder: int) -> None:
    patches = [PathPatch(path_of(line)) for line in lines]
    axes.add_collection(
        PatchCollection(patches, facecolor="none", edgecolor=BORDER, linewidth=width, linestyle=dash, zorder=zorder)
    )


def scale_bar(axes: Axes, geography: Geography, middle: bool = True) -> None:
    """A bar of round length in the emptier lower corner; a small map has no room for its middle number."""
    west, east, south, north = extent(geography)
    steps = (10, 20, 50, 100, 200, 500, 1000)
    length = max(step for step in steps if step <= max(10.0, (east - west) / 4))
    low = geography.cell_y < south + 0.12 * (north - south)
    left = np.count_nonzero(low & (geography.cell_x < (west + east) / 2))
    right = np.count_nonzero(low & (geography.cell_x >= (west + east) / 2))
    x = west + 0.03 * (east - west) if left <= right else east - 0.08 * (east - west) - length
    y, height = south + 0.02 * (north - south), 0.008 * (north - south)
    for start, colour in ((0.0, style.BLACK), (0.5, "white")):
        axes.add_patch(
            Rectangle(
                (x + start * length, y), length / 2, height, facecolor=colour, edgecolor=style.BLACK,
                linewidth=0.5, zorder=6,
            )
        )  # fmt: skip
    for at, text in ((0.0, "0"), (0.5, f"{length / 2:g}"), (1.0, f"{length:g} km")):
        if middle or at != 0.5:
            axes.text(x + at * length, y + 1.5 * height, text, fontsize=5.6, ha="center", va="bottom")


def room(axes: Axes, x: float, y: float, radius_pt: float) -> Bbox:
    """The square that a symbol takes, in pixels."""
    px, py = axes.transData.transform((x, y))
    reach = radius_pt * frame.pixels_a_point(axes)
    return Bbox.from_bounds(px - reach, py - reach, 2 * reach, 2 * reach)


def name_places(
    axes: Axes, result: Result, taken: list[Bbox], gaps: Reals, size: float = 6.4, soft: Sequence[Bbox] = ()
) -> None:
    """Names of cities, and of zones that are no city's own, each where it touches least.

    `gaps` is the radius, in points, of the symbol that stands at each zone's centre; `soft` is room that a
    label may take where there is no other.
    """
    geography = result.geography
    at = np.array([(zone.x, zone.y) for zone in geography.zones])
    wanted = []
    homes = np.array([(c.x, c.y) for c in geography.centres]).reshape(-1, 2)
    for city in geography.centres:
        distance = np.hypot(at[:, 0] - city.x, at[:, 1] - city.y)
        gap = gaps[distance.argmin()] if distance.min() < SAME_PLACE_KM else 0.0
        name = style.bilingual(city.name_en, city.name_zh.removesuffix("市"))
        wanted.append(Label(name, city.x, city.y, size, "normal", max(2.4, gap + 0.6)))
    cities = {city.name_en for city in geography.centres}
    for zone, gap in zip(geography.zones, gaps, strict=True):
        if result.place(zone.key)["name_en"] in cities:
            continue
        if not homes.size or np.hypot(homes[:, 0] - zone.x, homes[:, 1] - zone.y).min() > SAME_PLACE_KM:
            name = style.literal(result.place(zone.key)["name_en"], 30, slanted=True)
            wanted.append(Label(name, zone.x, zone.y, size - 0.8, "italic", gap + 0.6))
    place_labels(axes, geography, wanted, taken, soft)


def place_labels(
    axes: Axes, geography: Geography, labels: Iterable[Label], taken: Sequence[Bbox] = (), soft: Sequence[Bbox] = ()
) -> None:
    """Write each label where it touches least of what is taken and of the labels before it.

    `taken` and `soft`, what a label should not and had better not touch, are in pixels: the layout must be done.
    """
    renderer: RendererAgg = cast(Any, frame.page_of(axes).canvas).get_renderer()
    edges = axes.transData.transform(_border_points(geography))
    hard, shy = _corners(taken), _corners(soft)
    inside = np.array([*axes.bbox.min, *axes.bbox.max])
    scale = frame.pixels_a_point(axes)
    for label in labels:
        text = axes.annotate(
            label.text, (label.x, label.y), xytext=(0, 0), textcoords="offset points", fontsize=label.size,
            fontstyle=label.slant, zorder=10, path_effects=[HALO],
        )  # fmt: skip
        text.set_in_layout(False)
        extent = text.get_window_extent(renderer)
        places = _directions(label.gap)
        boxes = _boxes(axes.transData.transform((label.x, label.y)), extent.width, extent.height, places, scale)
        crossed = _holds_any(boxes, edges)
        outside = (boxes[:, :2] < inside[:2]).any(axis=1) | (boxes[:, 2:] > inside[2:]).any(axis=1)
        far = np.array([np.hypot(place[0], place[1]) > label.gap + FAR_PT for place in places])
        order = np.lexsort((crossed, _overlaps(boxes, shy), far, _overlaps(boxes, hard), outside))
        dx, dy, ha, va = places[order[0]]
        text.set_position((dx, dy))
        text.set(ha=ha, va=va)
        hard = np.vstack([hard, boxes[order[0]]])


def _corners(boxes: Sequence[Bbox]) -> Reals:
    """Boxes as rows of west, south, east, north."""
    return np.array([(*box.min, *box.max) for box in boxes]).reshape(-1, 4)


def _overlaps(boxes: Reals, others: Reals) -> NDArray[np.int64]:
    """How many of the others each box overlaps."""
    apart = (boxes[:, None, :2] >= others[:, 2:]).any(axis=2) | (boxes[:, None, 2:] <= others[:, :2]).any(axis=2)
    return np.asarray((~apart).sum(axis=1))


def _holds_any(boxes: Reals, points: Reals) -> NDArray[np.bool_]:
    """Whether each box holds any of the points; those that are in none are put aside first."""
    x, y = points.T
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    near = (x > west) & (x < east) & (y > south) & (y < north)
    x, y = points[near].T
    west, south, east, north = boxes.T[:, :, None]
    return np.asarray(((x > west) & (x < east) & (y > south) & (y < north)).any(axis=1))


def _boxes(at: Reals, width: float, height: float, places: Sequence[Place], scale: float) -> Reals:
    """The room of a label of a size, in pixels, at each of its possible places, with a little air."""
    left = {"left": 0.0, "center": 0.5, "right": 1.0}
    below = {"bottom": 0.0, "center": 0.5, "top": 1.0}
    corners = []
    for dx, dy, ha, va in places:
        x, y = at[0] + dx * scale - left[ha] * width, at[1] + dy * scale - below[va] * height
        air = 0.4 * scale
        corners.append((x - air, y - air, x + width + air, y + height + air))
    return np.array(corners)


def _border_points(geography: Geography) -> Reals:
    """Points along the prefectures' borders, so close that none slips through a label between them."""
    lines = [shapely.LineString(ring) for line in geography.outlines for ring in line.rings]
    return np.asarray(shapely.get_coordinates(shapely.segmentize(lines, geography.cell_km / 5)))


def _directions(gap: float) -> list[Place]:
    """Offsets in points with their alignment, the nearest first: on the point itself where no symbol stands."""
    first: list[Place] = [] if gap else [(0, 0, "center", "center")]
    for reach in (gap + 1, gap + 4, gap + 8, gap + 13, gap + 19):
        slant = 0.71 * reach
        first += [
            (reach, 0, "left", "center"), (-reach, 0, "right", "center"), (0, reach, "center", "bottom"),
            (0, -reach, "center", "top"), (slant, slant, "left", "bottom"), (slant, -slant, "left", "top"),
            (-slant, slant, "right", "bottom"), (-slant, -slant, "right", "top"),
        ]  # fmt: skip
    return first

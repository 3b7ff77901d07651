"""Maps of differences: where each arm changes an outcome against the first."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm, to_hex
from matplotlib.patches import PathPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.errors import StoreError
from sim.figures import arms, frame, ground, style, words
from sim.results.arms import Answers, ArmEffect, effect
from sim.results.geography import Geography

MOST_MAPS = 6
ACROSS = 3
COLOURS = "PuOr_r"
ROW_MM = 70.0
BIN_TICKS = 5
MOST_NAMES = 3
NAME_PT = 5.0


def draw(answers: Answers, out: Path, metric: str = "", language: str = "en") -> Path:
    """Draws one map an arm, those that change most; all on one scale of colours. StoreError without a map."""
    if answers.geography is None:
        raise StoreError(f"{answers.name}: there is no map in this store")
    with style.styled(language):
        metric = metric or next(iter(answers.metrics))
        window = next(iter(answers.windows))
        shown = list(arms.changing(answers, metric, arms.places_for(answers, metric), window))[:MOST_MAPS]
        zones = [zone.key for zone in answers.geography.zones]
        found = {arm: [effect(answers, arm, metric, [zone], window) for zone in zones] for arm in shown}
        top = max((abs(one.difference) for many in found.values() for one in many if one.pairs), default=0.0)
        scale, unit = frame.scaled(top, str(answers.metrics[metric]["unit"]))
        norm = TwoSlopeNorm(0.0, -(top or 1.0) / scale, (top or 1.0) / scale)
        across = min(ACROSS, len(shown))
        down = math.ceil(len(shown) / across)
        foot = arms.foot(answers)
        figure = frame.leaf(
            words.say("{metric}: where it differs from {arm}", metric=words.metric(metric),
                      arm=arms.name_of(answers, answers.arms[0])),
            words.say("{when}; mean of {pairs} pairs by zone. Hatched: unresolved, the 90 % interval holds 0.",
                      when=words.window(*answers.windows[window]), pairs=answers.pairs),
            down * ROW_MM,
            [*foot, style.literal(answers.geography.attribution, 200)],
        )  # fmt: skip
        grid = frame.panels(figure, len(shown), across)
        for axes, arm in zip(grid.ravel(), shown, strict=False):
            frame.heading(axes, arms.name_of(answers, arm))
            _map(axes, answers, found[arm], norm, scale)
        bar = figure.colorbar(ScalarMappable(norm, COLOURS), ax=list(grid.ravel()), shrink=0.6, pad=0.02, aspect=30)
        bar.outline.set_linewidth(0.4)
        bar.locator = MaxNLocator(BIN_TICKS, symmetric=True)
        bar.formatter = FuncFormatter(lambda value, _: frame.minus(f"{value:+,.10g}") if value else "0")
        bar.update_ticks()
        bar.set_label(words.say("difference, {unit}", unit=unit))
        ground.scale_bar(grid[0, 0], answers.geography, middle=False)
        figure.draw_without_rendering()  # where labels have room is known when the layout is done
        for axes, arm in zip(grid.ravel(), shown, strict=False):
            ground.place_labels(axes, answers.geography, _names(answers, answers.geography, found[arm]))
        return style.save(figure, out)


def _map(axes: Axes, answers: Answers, effects: list[ArmEffect], norm: TwoSlopeNorm, scale: float) -> None:
    geography = answers.geography
    assert geography is not None
    ground.prepare(axes, geography)
    paint = colormaps[COLOURS]
    fills = [to_hex(paint(norm(one.difference / scale))) if one.pairs else "#E6E6E6" for one in effects]
    ground.areas(axes, geography, fills, mesh=False)
    for zone, one in zip(geography.zones, effects, strict=True):
        if not one.resolved and not one.exactly_zero:
            axes.add_patch(PathPatch(ground.path_of(zone.outline), facecolor="none", edgecolor="#8C8C8C",
                                     hatch="//////", linewidth=0, zorder=2))  # fmt: skip
    ground.borders(axes, answers, 0.6)


def _names(answers: Answers, geography: Geography, effects: list[ArmEffect]) -> list[ground.Label]:
    """The zones with the largest differences that are resolved, the largest first."""
    largest = sorted(range(len(effects)), key=lambda at: -abs(effects[at].difference))
    resolved = [at for at in largest if effects[at].resolved][:MOST_NAMES]
    zones = [geography.zones[at] for at in resolved]
    return [ground.Label(arms.where(answers, [zone.key]), zone.x, zone.y, NAME_PT) for zone in zones]

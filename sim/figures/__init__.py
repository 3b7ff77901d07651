"""Pictures, one file per figure, drawn from a result folder alone; only here is Matplotlib imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sim.figures import article, flows, region_map, time_series
from sim.results import Result

FIGURES: Mapping[str, Callable[[Result, Path], Path]] = MappingProxyType(
    {
        "region_map": region_map.draw,
        "time_series": time_series.draw,
        "flows": flows.draw,
        "article": article.draw,
    }
)
"The figures of one result; a file's suffix (.png, .svg, .pdf) says in which format it is written."


def draw_all(result: Result, folder: Path, suffix: str = ".png") -> list[Path]:
    """Draws every figure of a result into a folder."""
    return [draw(result, folder / f"{name}{suffix}") for name, draw in FIGURES.items()]


__all__ = ["FIGURES", "draw_all"]

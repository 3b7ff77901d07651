"""Pictures, one file per figure, drawn from a result folder alone; only here is Matplotlib imported.

It is imported where a figure is drawn, so that a command that hands its figures to other processes does not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from itertools import repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.results import Result
from sim.workers import workers


def _module(name: str) -> Any:
    return import_module(f"sim.figures.{name}")


def _draw(name: str, result: Result, path: Path) -> Path:
    return Path(_module(name).draw(result, path))


FIGURES: Mapping[str, Callable[[Result, Path], Path]] = MappingProxyType(
    {name: partial(_draw, name) for name in ("region_map", "time_series", "flows", "article")}
)
"The figures of one result; a file's suffix (.png, .svg, .pdf) says in which format it is written."


def drawers(count: int) -> AbstractContextManager[Executor]:
    """Processes that draw; they import Matplotlib at once, so that it is there by the time the result is."""
    return workers(min(count, len(FIGURES)), _prepare)


def _prepare() -> None:
    for name in FIGURES:
        _module(name)


def draw_all(result: Result, folder: Path, suffix: str = ".png", pool: Executor | None = None) -> list[Path]:
    """Draws every figure of a result into a folder, in this process or in those of a pool."""
    paths = [folder / f"{name}{suffix}" for name in FIGURES]
    draw = pool.map if pool else map
    return list(draw(_draw, FIGURES, repeat(result), paths))


__all__ = ["FIGURES", "draw_all", "drawers"]

"""Pictures, one file per figure, drawn from a result folder alone; only here is Matplotlib imported."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
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


def draw_all(result: Result, folder: Path, suffix: str = ".png", jobs: int = 1) -> list[Path]:
    """Draws every figure of a result into a folder, on up to `jobs` cores."""
    paths = [folder / f"{name}{suffix}" for name in FIGURES]
    jobs = min(jobs, len(FIGURES))
    if jobs <= 1:
        return [_draw(result, name, path) for name, path in zip(FIGURES, paths, strict=True)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts_to_parent) as pool:
        return list(pool.map(_draw, repeat(result), FIGURES, paths))


def _draw(result: Result, name: str, path: Path) -> Path:
    return FIGURES[name](result, path)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


__all__ = ["FIGURES", "draw_all"]

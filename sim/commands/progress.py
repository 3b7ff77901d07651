"""How far a command is: in a terminal one line that renews itself, in a log a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.experiments.sweep import Tally, Told

SECONDS_BETWEEN_LINES = 10.0
"Of progress, where there is no terminal."
BAR = 20
SPARED = 3
"Columns at the right that stay free: a line that fills its row is left behind when a terminal answers Ctrl-C with ^C."

Part = tuple[int, str]
"Something to say, and its rank: where there is little room, parts of higher rank go first."
Line = Callable[[Sequence[Part], int, int], None]
"Called with what there is to say, what is done, and how much there is."


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """Replicates that are done, of how many."""
    began = time.monotonic()
    with _line(title) as show:

        def tell(done: int, total: int) -> None:
            seconds = time.monotonic() - began
            parts = [(0, f"{done:,} of {total:,} done"), (2, duration(seconds))]
            if 0 < done < total:
                parts.append((1, f"{duration(seconds / done * (total - done))} left"))
            show(parts, done, total)

        yield tell


@contextmanager
def progress_of(title: str) -> Iterator[Told]:
    """How far a sweep is."""
    with _line(title) as show:
        yield lambda tally: show(_parts(tally), tally.total - tally.left, tally.total)


def _parts(tally: Tally) -> list[Part]:
    parts = [(0, f"{tally.total - tally.left:,} of {tally.total:,} runs")]
    if tally.kept:
        parts.append((5, f"{tally.kept:,} kept"))
    if tally.done and tally.seconds:
        rate = tally.done / tally.seconds
        parts.append((3, f"{rate:.3g} a second"))
        if tally.left:
            parts.append((1, f"{duration(tally.left / rate)} left"))
    parts.append((2, f"{tally.failed:,} failed"))
    if tally.memory_mb:
        parts.append((4, f"{tally.memory_mb:,} MB a process"))
    return parts


def say(line: str) -> None:
    """A line above the one that renews itself, which Click would write into."""
    print(line, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A time as one reads it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def fitted(title: str, parts: Sequence[Part], room: int) -> str:
    """As much as there is room for: the title goes first, then what is of less importance."""
    if len(whole := f"{title}: {_joined(parts)}") <= room:
        return whole
    left = list(parts)
    while len(left) > 1 and len(_joined(left)) > room:
        left.remove(max(left))
    return _joined(left)[: max(room, 0)]


def _joined(parts: Sequence[Part]) -> str:
    return ", ".join(text for _, text in parts)


@contextmanager
def _line(title: str) -> Iterator[Line]:
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(stderr=True)
        bar = [BarColumn(BAR)] if console.width >= 5 * BAR else []
        with Progress(*bar, TextColumn("{task.description}", markup=False), console=console, transient=True) as bars:
            task = bars.add_task(title[: console.width - SPARED], total=None)

            def renew(parts: Sequence[Part], done: int, total: int) -> None:
                text = fitted(title, parts, console.width - SPARED - len(bar) * (BAR + 1))
                bars.update(task, completed=done, total=total, description=text)

            yield renew
        return
    told = time.monotonic() - SECONDS_BETWEEN_LINES

    def write(parts: Sequence[Part], done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES or done == total:
            told = time.monotonic()
            click.echo(f"{title}: {_joined(parts)}", err=True)

    yield write

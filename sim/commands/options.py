"""Options and words that many verbs share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """The examples at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def with_overrides(command: F) -> F:
    """The option `--set`, for every verb that reads a scenario."""
    return click.option(
        "--set",
        "overrides",
        metavar="PATH=VALUE",
        multiple=True,
        help="Set one value over the scenario's own; may be given many times.",
    )(command)


def with_quick(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--set` and `--quick`, for every verb that runs scenarios; the verb gets both as `overrides`."""

    @wraps(command)
    def scaled(*, overrides: tuple[str, ...], quick: bool, **rest: Any) -> Any:
        return command(overrides=(*(("scale=0.1",) if quick else ()), *overrides), **rest)

    help_ = "A tenth of the organisations: the same as --set scale=0.1."
    return with_overrides(click.option("--quick", is_flag=True, help=help_)(scaled))


def with_seed(command: F) -> F:
    """The option `--seed`, for every verb that simulates a scenario."""
    return click.option(
        "--seed", type=click.IntRange(0, 2**53), default=1, show_default=True,
        help="Where all random draws begin; another seed gives other draws.",
    )(command)  # fmt: skip


def with_invariants(command: F) -> F:
    """The option `--invariants`, for every verb that simulates."""
    return click.option(
        "--invariants", type=click.Choice(["off", "light", "full"]), default="light", show_default=True,
        help="Check the books never, each month, or after each process.",
    )(command)  # fmt: skip


def with_jobs(command: F) -> F:
    """The option `--jobs`, for every verb that simulates."""
    return click.option("--jobs", type=click.IntRange(1, 1024), help="Processes; all cores unless given.")(command)


def with_language(command: F) -> F:
    """The option `--lang`, for every verb that draws what experiments found."""
    return click.option(
        "--lang", "language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the pictures."
    )(command)


def with_out(command: F) -> F:
    """The option `--out`, for every verb that writes results."""
    return click.option(
        "--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Folder for results."
    )(command)


def announce_compilation() -> None:
    """Say what the first run on a machine is waiting for."""
    from sim.core.compiled import is_cold

    if is_cold():
        click.echo("Compiling the model for this machine; this happens once and takes about half a minute.", err=True)


def aligned(rows: Sequence[dict[str, str]]) -> str:
    """A text table; empty if there are no rows."""
    from sim.core.tables import table

    return table([list(row.values()) for row in rows], list(rows[0])) if rows else ""

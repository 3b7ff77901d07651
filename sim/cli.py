"""The command `jjj`: each verb turns options into one call of the package.

This is the only file that prints errors and exits. Verbs import what they need when they run, so that
`jjj --help` and a typing mistake answer at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from sim import __version__
from sim.errors import EXIT_CODES, Finding, InputError, JJJError, OutputError, RefusedError, word

F = TypeVar("F", bound=Callable[..., Any])

EXIT_TABLE = "\b\nExit codes:\n" + "\n".join(
    f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items()
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
DEBUG = "--debug"
KINDS = ("scenarios", "regions", "sections", "parameters", "units")


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


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_TABLE
    + "\n\n"
    + examples("jjj check scenarios/*.yaml", "jjj explain baseline", "jjj list scenarios"),
)
@click.version_option(__version__, prog_name="jjj")
@click.option(DEBUG, is_flag=True, expose_value=False, help="Show where an unexpected error came from.")
def cli() -> None:
    """How innovation moves from a source city into its region: scenarios, runs, figures.

    A SCENARIO is a file, or the name of a shipped one such as baseline.
    """


@cli.command(epilog=examples("jjj check scenarios/*.yaml", "jjj check mine.yaml --set scale=0.1"))
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@with_overrides
def check(scenarios: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check scenarios and report everything that is wrong with all of them."""
    from sim.scenario import load, refuse_if_impossible

    findings: list[Finding] = []
    refused: list[RefusedError] = []
    for source in scenarios:
        try:
            scenario = load(source, overrides)
            refuse_if_impossible(scenario)
            click.echo(f"{source}: fine ({scenario.name}, {scenario.digest[:16]})")
        except InputError as error:
            findings.extend(error.findings)
        except RefusedError as error:
            refused.append(error)
    if findings:
        raise InputError(findings)
    if refused:
        raise RefusedError("\n".join(word(error) for error in refused))


@cli.command(epilog=examples("jjj explain baseline", "jjj explain mine.yaml --set platform.date=null"))
@click.argument("scenario")
@with_overrides
def explain(scenario: str, overrides: tuple[str, ...]) -> None:
    """Tell what will happen: the scenario, the month as a table, the levers over time."""
    from sim.core.tables import table
    from sim.month import MONTH
    from sim.scenario import load
    from sim.scenario.describing import changes, header
    from sim.scenario.explaining import timeline_table

    loaded = load(scenario, overrides)
    columns = ("phase", "process", "system", "reads", "writes")
    rows = [[str(row[column]) for column in columns] for row in MONTH.table()]
    parts = {
        "Scenario": header(loaded),
        "What it changes": changes(loaded),
        "Every month, in this order": table(rows, columns),
        "Levers over time": timeline_table(loaded),
    }
    click.echo("\n\n".join(f"{title}\n\n{text}" for title, text in parts.items()))


@cli.command(epilog=examples("jjj diff baseline scenarios/no_platform.yaml"))
@click.argument("a", metavar="SCENARIO_A")
@click.argument("b", metavar="SCENARIO_B")
@with_overrides
def diff(a: str, b: str, overrides: tuple[str, ...]) -> None:
    """Compare two scenarios value by value, after defaults and extends; --set applies to the second."""
    from sim.scenario import load
    from sim.scenario.comparing import as_table
    from sim.scenario.comparing import diff as differences

    one, other = load(a), load(b, overrides)
    click.echo(as_table(differences(one, other), one.name, other.name))


@cli.command("list", epilog=examples("jjj list scenarios", "jjj list parameters"))
@click.argument("kind", type=click.Choice(KINDS))
def list_(kind: str) -> None:
    """List the scenarios, regions, sections, parameters or units that there are."""
    from sim.scenario.describing import listing

    click.echo(listing(kind))


@cli.command(
    epilog=examples(
        "jjj describe border.penalty", "jjj describe platform", "jjj describe baseline", "jjj describe data"
    )
)
@click.argument("name")
@click.option("--region", default="jjj", show_default=True, help="The region that `data` is about.")
def describe(name: str, region: str) -> None:
    """Say what a name means: a parameter, a section, a lever, a scenario, or data."""
    from sim.scenario.describing import DATA, describe, describe_data

    click.echo(describe_data(region) if name == DATA else describe(name))


@cli.command(epilog=examples("jjj schema > jjj.schema.json"))
def schema() -> None:
    """Print the JSON Schema of scenario files, for an editor."""
    import json

    from sim.scenario.editors import json_schema

    click.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@cli.command(epilog=examples("jjj new my_question", "jjj new my_question --folder scenarios"))
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Where to write it; here by default."
)
def new(name: str, folder: Path) -> None:
    """Write a commented scenario to begin from, NAME.yaml."""
    from sim.scenario.starter import write_starter

    click.echo(write_starter(name, folder))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command, word what went wrong, and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = _run([one for one in given if one != DEBUG], debug=DEBUG in given)
    raise SystemExit(code)


def _run(arguments: list[str], *, debug: bool) -> int:
    """The exit code of one command."""
    try:
        with cli.make_context("jjj", arguments) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except JJJError as error:
        click.echo(word(error), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        if error.errno not in FULL:
            return _unexpected(error, debug)
        _drop_output()
        click.echo(f"Output could not be written: {error.strerror}.", err=True)
        return OutputError.exit_code
    except Exception as error:  # noqa: BLE001 - the last place where one can be worded
        return _unexpected(error, debug)
    return 0


def _unexpected(error: Exception, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error)
    name = type(error).__name__
    hint = "" if debug else f" Repeat the command with {DEBUG} to see where."
    click.echo(f"A bug of ours: {name}: {error}.{hint}", err=True)
    return 1


def _drop_output() -> None:
    """What is still buffered for a reader who has gone, or a full disk, is let go quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

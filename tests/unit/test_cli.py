"""The command: exit codes, help, and an orderly end whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from command import jjj
from imports import loaded_by

from sim.cli import cli
from sim.errors import EXIT_CODES, InvariantError, StoreError

FILES = Path(__file__).parents[1] / "files"
LEAST = str(FILES / "valid" / "least.yaml")


def shell(text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", text.replace("jjj", f"{sys.executable} -m sim")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_says_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert jjj("check", LEAST, "baseline") == 0
    assert capsys.readouterr().out.count(": fine (") == 2


def test_main_help_has_the_exit_codes_and_is_quick(capsys: pytest.CaptureFixture[str]) -> None:
    assert jjj("--help") == 0
    text = capsys.readouterr().out
    assert all(f"{code}  {meaning}" in text for code, meaning in EXIT_CODES.items())
    began = time.monotonic()
    assert shell("jjj --help").returncode == 0
    with capsys.disabled():
        print(f" [--help {time.monotonic() - began:.2f} s]", end="")
    began = time.monotonic()
    assert shell(f"jjj check {LEAST}").returncode == 0
    with capsys.disabled():
        print(f" [check {time.monotonic() - began:.2f} s]", end="")


def test_help_imports_nothing_heavy() -> None:
    code = "import sim.cli\ntry: sim.cli.main(['--help'])\nexcept SystemExit: pass"
    assert not loaded_by(code, "numpy", "pydantic", "ruamel", "numba", "mesa")
    assert "sim.errors" in loaded_by(code, "sim")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert jjj(name, "--help") == 0
    assert f"jjj {name} " in capsys.readouterr().out.split("Examples:")[1]


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], ["check", "--nonsense"], ["list", "nonsense"], []])
def test_bad_command_is_2(arguments: list[str]) -> None:
    assert jjj(*arguments) == 2


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (StoreError("damaged"), 5),
        (InvariantError("broken"), 6),
        (OSError(28, "No space left on device"), 7),
        (ZeroDivisionError("x"), 1),
        (FileNotFoundError(2, "gone"), 1),
    ],
)
def test_every_end_has_its_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("sim.scenario.load", fail)
    monkeypatch.setattr("sim.cli._drop_output", lambda: None)
    assert jjj("check", LEAST) == code
    assert "Traceback" not in capfd.readouterr().err


def test_a_bug_shows_its_place_on_request(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("x")

    monkeypatch.setattr("sim.scenario.load", fail)
    assert jjj("check", LEAST) == 1
    assert "Repeat the command with --debug" in capsys.readouterr().err
    assert jjj("check", LEAST, "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


def test_reader_who_leaves_is_no_fault() -> None:
    done = shell("set -o pipefail; jjj schema | head -c 1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_behind_standard_output_is_7() -> None:
    done = shell("jjj schema > /dev/full")
    assert done.returncode == 7
    assert done.stderr.strip() == "Output could not be written: No space left on device."


def test_terminal_that_knows_no_chinese() -> None:
    done = shell(
        f"jjj explain {FILES / 'valid' / 'wide_text.yaml'}",
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "wide_text" in done.stdout


def test_explain_diff_describe_list_schema_and_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert jjj("new", "mine") == 0
    assert capsys.readouterr().out == "mine.yaml\n"
    assert jjj("new", "mine") == 2
    assert "left as it is" in capsys.readouterr().err
    assert jjj("explain", "mine.yaml") == 0
    text = capsys.readouterr().out
    assert all(part in text for part in ("What it changes", "Every month", "branch_founding", "Levers over time"))
    assert jjj("diff", "baseline", "mine.yaml", "--set", "scale=0.1") == 0
    assert "platform.date" in capsys.readouterr().out
    assert jjj("describe", "platform.date") == 0
    assert jjj("describe", "data", "--region", "two_cities") == 0
    assert jjj("describe", "data", "--region", "nowhere") == 2
    assert jjj("describe", "nothing_like_it") == 2
    assert jjj("list", "scenarios") == 0
    assert jjj("schema") == 0
    assert jjj("--version") == 0

"""The command itself, with the model and processes: killed, interrupted, on a full and on a read-only disk."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.sweep import sweep_study
from sim.results.stored import open_store
from sim.results.tables import canonical_digest
from tests.faults.fakes import experiment

ROOT = Path(__file__).parents[2]
PYTHON = os.environ | {"PYTHONPATH": str(ROOT)}


def jjj(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=PYTHON, start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait(process: subprocess.Popen[str], until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not until():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def test_a_sweep_killed_and_interrupted_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    file, out = experiment(tmp_path, 25), tmp_path / "out"
    arguments = ("sweep", str(file), "--out", str(out), "--jobs", "2", "--no-figures")
    receipts = out / "around" / "receipts"
    killed = jjj(*arguments)
    wait(killed, lambda: len(list(receipts.glob("*.json"))) > 1)
    killed.kill()
    killed.wait()
    kept = open_store(out / "around").done.size
    interrupted = jjj(*arguments)
    wait(interrupted, lambda: open_store(out / "around").done.size > kept)
    interrupted.send_signal(signal.SIGINT)
    told = interrupted.communicate(timeout=180)
    assert interrupted.returncode == 130, told
    assert f"To go on: jjj sweep {file} --out {out}" in told[1]
    assert "Traceback" not in told[1]
    some = open_store(out / "around").done.size
    assert kept < some <= 150
    last = jjj(*arguments)
    told = last.communicate(timeout=180)
    assert last.returncode == 0, told
    assert told[0].strip() == str(out / "around")
    plain = sweep_study(read(file), out=tmp_path / "plain", executor=Serial())
    assert canonical_digest(open_store(out / "around")) == canonical_digest(open_store(plain.folder))
    print(f"{kept} runs kept after a kill, {some} after Ctrl-C, 150 in the end, as without either")


def in_a_terminal(columns: int, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """The command, and the other side of its terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
        env={**PYTHON, "TERM": "xterm"}, start_new_session=True,
        preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_DFL), fcntl.ioctl(0, termios.TIOCSCTTY, 0)),
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def shown(terminal: int) -> str:
    """All that comes, until the command ends."""
    text = b""
    try:
        while some := os.read(terminal, 65536):
            text += some
    except OSError:  # nobody holds the other side any more
        pass
    os.close(terminal)
    return text.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_in_a_narrow_terminal_one_line_renews_itself_and_ctrl_c_leaves_it_clean(tmp_path: Path) -> None:
    file, out = experiment(tmp_path, 100), tmp_path / "out"
    process, terminal = in_a_terminal(40, "sweep", str(file), "--out", str(out), "--jobs", "2", "--no-figures")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 180
    while len(children.read_text(encoding="ascii").split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    os.write(terminal, b"\x03")  # the terminal tells all processes, of which some are still loading the model
    text = shown(terminal)
    assert process.wait(60) == 130, text
    assert "Traceback" not in text
    progress, _, rest = text.partition("Runs under way are finished")
    lines = [re.sub(r"\x1b\[[?0-9;]*[a-z]", "", line, flags=re.IGNORECASE) for line in progress.split("\r\x1b[2K")]
    assert all("\n" not in line and len(line) < 40 for line in lines), lines
    assert progress.endswith("\r\x1b[2K"), "the line is gone before something else is said"
    assert rest.rpartition("\x1b[2K")[2].startswith("Interrupted: ")


SCRIPT = """
import sys
from pathlib import Path
from sim.errors import JJJError
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.sweep import sweep_study
try:
    study, out = read(Path(sys.argv[1])), Path(sys.argv[2])
    tally = sweep_study(study, out=out, executor=Serial(), work="tests.faults.fakes:tiny")
except JJJError as error:
    print(error)
    sys.exit(error.exit_code)
print(tally.done, tally.left)
"""


def privately(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A shell script with file systems of its own; skipped where this account may not have any."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file systems of our own here")
    return subprocess.run(
        [unshare, "-rm", "sh", "-c", script, "_", *arguments], capture_output=True, text=True, check=False, env=PYTHON
    )


def test_a_full_disk_stops_a_sweep_that_goes_on_when_there_is_space(tmp_path: Path) -> None:
    file, disk, script = experiment(tmp_path, 60), tmp_path / "disk", tmp_path / "script.py"
    disk.mkdir()
    script.write_text(SCRIPT)
    done = privately(
        'mount -t tmpfs -o size=200k tmpfs "$2"; python="$4 $3 $1 $2"; $python; echo "code $?"; '
        'ls -A "$2"/around/parts | grep -c "^[.]"; mount -o remount,size=50m "$2"; $python; echo "code $?"',
        str(file), str(disk), str(script), sys.executable,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert "the disk is full" in lines[0], done
    assert lines[1:3] == ["code 7", "0"], "something half-written was left"
    done_then, left = map(int, lines[3].split())
    assert 0 < done_then < 360, "nothing was kept of what was done before"
    assert (left, lines[4]) == (0, "code 0")
    print(f"disk full after {360 - done_then} of 360 runs, the rest done when there was space, 0 lost")


def test_a_read_only_disk_is_told_before_anything_runs(tmp_path: Path) -> None:
    file, disk, script = experiment(tmp_path), tmp_path / "disk", tmp_path / "script.py"
    disk.mkdir()
    script.write_text(SCRIPT)
    done = privately(
        'mount --bind "$2" "$2"; mount -o remount,ro,bind "$2"; "$4" "$3" "$1" "$2"; echo "code $?"',
        str(file), str(disk), str(script), sys.executable,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "code 7", done
    assert "read-only" in done.stdout

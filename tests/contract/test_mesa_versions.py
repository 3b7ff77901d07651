"""The same contract on a newer Mesa: set JJJ_PYTHON_NEWER to a Python 3.12+ that has the project and pytest."""

import os
import subprocess
import sys
from pathlib import Path

import mesa
import pytest

ROOT = Path(__file__).parents[2]
VERSION = "import sys, mesa; print(sys.version.split()[0], mesa.__version__)"


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def test_the_contract_holds_on_a_newer_mesa(capsys: pytest.CaptureFixture[str]) -> None:
    newer = os.environ.get("JJJ_PYTHON_NEWER")
    here = f"Python {sys.version.split()[0]}, Mesa {mesa.__version__}"
    if not newer:
        pytest.skip(f"only {here} was tried: JJJ_PYTHON_NEWER names no Python 3.12 or later with Mesa 3.5")
    asked = subprocess.run([newer, "-c", VERSION], capture_output=True, text=True)
    assert asked.returncode == 0, f"JJJ_PYTHON_NEWER={newer} cannot import mesa:\n{asked.stderr}"
    python, version = asked.stdout.split()
    assert number(python) >= (3, 12), f"JJJ_PYTHON_NEWER is Python {python}"
    assert number(version) >= (3, 5), f"JJJ_PYTHON_NEWER has Mesa {version}"
    command = [newer, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract/test_mesa.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with capsys.disabled():
        print(f"\nMesa's contract: {here}; Python {python}, Mesa {version}: {done.stdout.splitlines()[-1]}")

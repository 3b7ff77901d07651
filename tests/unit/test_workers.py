"""Do the processes beside a command end when it does, however it does?"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from sim.workers import workers

WAITING = """
import os, time
from sim.workers import workers
with workers(2) as pool:
    pool.submit(os.getpid).result()
    print("started", flush=True)
    time.sleep(600)
"""


def test_workers_of_a_killed_parent_end() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
        assert parent.communicate(timeout=180)[0] == b""  # ends when all who could write to it have ended


def test_an_error_does_not_wait_for_work_to_be_done() -> None:
    began = time.monotonic()
    with pytest.raises(KeyError), workers(1) as pool:
        pool.submit(time.sleep, 600)
        raise KeyError
    assert time.monotonic() - began < 60


def test_workers_prepare_before_they_work(capfd: pytest.CaptureFixture[str]) -> None:
    with workers(2, _say) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
    assert capfd.readouterr().out == "ready\n" * 2


def _say() -> None:
    print("ready", flush=True)

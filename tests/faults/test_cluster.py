"""A real scheduler and two real workers, one of them killed in the middle: does the sweep end as the plainest one?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from sim.cli import main
from sim.errors import InputError, PartialError, StoreError
from sim.experiments.executors import cluster
from sim.experiments.executors.cluster import Cluster, Keys
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import Study, read
from sim.experiments.plan import made_by
from sim.experiments.sensitivity import analyse
from sim.experiments.sweep import sweep_study
from sim.results.stored import open_store
from sim.results.tables import canonical_digest
from tests.faults.fakes import BAD, CRASHING, GREEDY, HANGING, SIMULATED_SLOWLY, TINY, experiment

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
HOME = {"PYTHONPATH": str(ROOT)}
HERE = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:], *HERE]
    environment = os.environ | HOME | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Started:
    """A scheduler with two workers, which nobody starts again unless they have a memory to keep to."""

    def __init__(self, folder: Path, *more: str, memory: str = "") -> None:
        self.file, self.more = folder / "scheduler.json", more
        self.kept = ("--memory-limit", memory) if memory else ("--no-nanny",)
        self.scheduler = start("scheduler", "--port", "0", "--scheduler-file", str(self.file), *more)
        deadline = time.monotonic() + 180
        while not self.file.exists() or not self.file.read_text():
            assert time.monotonic() < deadline, "no scheduler came"
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = [self.worker(), self.worker()]

    def worker(self) -> subprocess.Popen[bytes]:
        return start("worker", self.address, "--nthreads", "1", *self.kept, *self.more)

    def wait(self, workers: int, **security: Any) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False, **security) as client:
            client.wait_for_workers(workers, timeout=180)

    def end(self) -> None:
        for process in self.workers:
            process.terminate()  # a nanny takes its worker with it
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(0 if process is self.scheduler else 10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    found = Started(tmp_path)
    try:
        found.wait(2)
        yield found
    finally:
        found.end()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(experiment(tmp_path_factory.mktemp("study"), replicates=8))


@contextmanager
def killed_in_the_middle(process: subprocess.Popen[bytes], store: Path) -> Iterator[None]:
    """A process dies once the first runs of a store are done."""

    def kill() -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and not any(store.glob("receipts/*.json")):
            time.sleep(0.01)
        process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        killer.join()


def test_a_worker_killed_in_the_middle_changes_nothing(started: Started, study: Study, tmp_path: Path) -> None:
    open_sockets = [
        connection.laddr.ip
        for process in (started.scheduler, *started.workers)
        for connection in psutil.Process(process.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert open_sockets
    assert set(open_sockets) == {"127.0.0.1"}
    out = tmp_path / "cluster"
    with killed_in_the_middle(started.workers[0], out / study.name), Cluster(started.address) as executor:
        tally = sweep_study(study, out=out, executor=executor, work=SIMULATED_SLOWLY)
    assert started.workers[0].wait() < 0
    assert (tally.done, tally.failed, tally.left) == (48, 0, 0)
    plain = sweep_study(study, out=tmp_path / "serial", executor=Serial())
    assert canonical_digest(open_store(tally.folder)) == canonical_digest(open_store(plain.folder))
    print(f"one of two workers killed: {tally.done} of {tally.total} runs done, digests as those of the serial run")


def test_a_run_that_kills_its_workers_is_lost_by_name(started: Started, study: Study, tmp_path: Path) -> None:
    stop = threading.Event()

    def replace() -> None:
        while not stop.wait(0.05):
            for at, worker in enumerate(started.workers):
                if worker.poll() is not None and not stop.is_set():
                    started.workers[at] = started.worker()

    nanny = threading.Thread(target=replace)
    nanny.start()
    try:
        with Cluster(started.address) as executor:
            tally = sweep_study(study, out=tmp_path / "cluster", executor=executor, work=CRASHING)
    finally:
        stop.set()
        nanny.join()
    assert (tally.done, tally.failed, tally.left) == (47, 1, 0)
    (row,) = [row for row in open_store(tally.folder).runs.to_pylist() if row["status"] != "done"]
    assert (row["index"], row["stage"]) == (BAD, "process")
    again = sweep_study(study, out=tmp_path / "cluster", executor=Serial(), work=TINY, again=True)
    assert (again.done, again.failed) == (1, 0)


def test_a_run_that_takes_too_long_is_ended_once_and_named(started: Started, study: Study, tmp_path: Path) -> None:
    with Cluster(started.address, timeout=5.0) as executor:
        tally = sweep_study(study, out=tmp_path / "cluster", executor=executor, work=HANGING)
    assert (tally.done, tally.failed, tally.left) == (47, 1, 0)
    (row,) = [row for row in open_store(tally.folder).runs.to_pylist() if row["status"] != "done"]
    assert (row["index"], row["stage"], row["message"]) == (BAD, "timeout", "took longer than 5 s and was ended")
    time.sleep(2 * cluster.SECONDS_TO_TELL)
    ended = [worker.poll() for worker in started.workers]
    assert sorted(map(str, ended)) == ["1", "None"], "one worker is ended with the run, and none for a second try"


def test_a_run_that_takes_more_memory_than_workers_have_is_named(study: Study, tmp_path: Path) -> None:
    started = Started(tmp_path, memory="600MB")
    try:
        started.wait(2)
        with Cluster(started.address) as executor:
            tally = sweep_study(study, out=tmp_path / "cluster", executor=executor, work=GREEDY)
    finally:
        started.end()
    assert (tally.done, tally.failed, tally.left) == (47, 1, 0)
    (row,) = [row for row in open_store(tally.folder).runs.to_pylist() if row["status"] != "done"]
    assert (row["index"], row["stage"]) == (BAD, "process")
    assert "ended each worker" in row["message"]


SENSITIVITY = """
title: Which of two numbers matters?
scenario: two_cities
set: {end: 2013-03}
uncertainties: {border.penalty: prior, exchange.travel_elasticity: prior}
design: {kind: saltelli, size: 2, seed: 1, groups: grade}
replicates: 1
metrics: [deals]
window: {start: 2013-01, end: 2013-03}
"""


def test_a_sensitivity_analysis_on_a_cluster_tells_what_one_here_tells(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three sweeps, one for each width of the priors, over one connection."""
    monkeypatch.setattr("sim.experiments.sensitivity.analyse", partial(analyse, work=TINY))
    file = tmp_path / "matters.yaml"
    file.write_text(SENSITIVITY, encoding="utf-8")

    def told(where: str, *options: str) -> list[str]:
        with pytest.raises(SystemExit) as ended:
            main(["sensitivity", str(file), "--out", str(tmp_path / where), "--no-figures", *options])
        assert ended.value.code == 0
        *tables, folder = capsys.readouterr().out.splitlines()
        assert folder == str(tmp_path / where / "matters")
        return tables

    there, here = told("there", "--scheduler", started.address), told("here", "--jobs", "1")
    assert there == here
    assert any("halved" in line for line in there)


@pytest.mark.parametrize("verb", ["sweep", "sensitivity"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--insecure-cluster"], "belong to --scheduler"),
        (["--scheduler", "tcp://127.0.0.1:9", "--jobs", "2"], "either it or --scheduler"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    verb: str, options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main([verb, str(experiment(tmp_path)), *options])
    assert (done.value.code, told in capsys.readouterr().err) == (2, True)


def test_workers_of_another_version_are_refused(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(made_by(), "numpy", "0.1")  # in this process only
    with pytest.raises(StoreError, match=r"numpy .* \(here 0\.1\)"):
        Cluster(started.address)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to make a certificate")
def test_an_encrypted_cluster_lets_in_who_has_the_keys(study: Study, tmp_path: Path) -> None:
    from distributed import Security

    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=jjj"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    files = ("--tls-ca-file", str(certificate), "--tls-cert", str(certificate), "--tls-key", str(key))
    started = Started(tmp_path, "--protocol", "tls", *files)
    try:
        assert started.address.startswith("tls://127.0.0.1:")
        security = Security(
            tls_ca_file=str(certificate), tls_client_cert=str(certificate), tls_client_key=str(key),
            require_encryption=True,
        )  # fmt: skip
        started.wait(2, security=security)
        with Cluster(started.address, keys=Keys(certificate, certificate, key)) as executor:
            tally = sweep_study(study, out=tmp_path / "out", executor=executor, work=TINY)
        assert (tally.done, tally.left) == (48, 0)
        with pytest.raises(InputError):
            Cluster(started.address.replace("tls://", "tcp://"))
    finally:
        started.end()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("tcp://192.0.2.1:8786", "a plain connection beyond this machine"),
        ("tcp://example.org:8786", "a plain connection beyond this machine"),
        ("tls://192.0.2.1:8786", "needs its keys"),
        ("http://127.0.0.1:8786", "not the address of a scheduler"),
        ("8786", "not the address of a scheduler"),
        ("tcp://127.0.0.1:9", "no scheduler answers"),
    ],
)
def test_other_addresses_are_refused(address: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(InputError, match=told):
        Cluster(address)


def test_a_scheduler_that_dies_ends_the_sweep_and_loses_nothing(started: Started, study: Study, tmp_path: Path) -> None:
    out = tmp_path / "cluster"
    gone = pytest.raises(PartialError, match="is gone; what was done is kept")
    with killed_in_the_middle(started.scheduler, out / study.name), gone, Cluster(started.address) as executor:
        sweep_study(study, out=out, executor=executor, work=SIMULATED_SLOWLY)
    kept = open_store(tmp_path / "cluster" / study.name).done.size
    rest = sweep_study(study, out=tmp_path / "cluster", executor=Serial())
    assert (rest.kept, rest.left) == (kept, 0)
    print(f"scheduler killed: {kept} runs kept, the other {rest.done} done by another executor")

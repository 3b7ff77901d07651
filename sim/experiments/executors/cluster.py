"""Dask: workers on any number of machines that share the store's file system.

A worker writes parts where the store lies and returns a receipt, so no result ever lies in the memory of a worker that
may die, and the scheduler may forget everything. Workers with other versions, another model or other processors are
refused before they do anything. Beyond this machine the connection must be encrypted, unless one insists.

A run that takes too long ends its worker, which says so first. How much memory one may take is for Dask to say
(`--memory-limit` of its workers), whose nanny ends a worker that takes more and starts another one.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sim.errors import Finding, InputError, PartialError, StoreError
from sim.experiments.chunk import Chunk, perform
from sim.experiments.executors import Finished, Lost, Report
from sim.experiments.plan import Run, made_by
from sim.store import Receipt

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2
"Chunks sent for each thread of the workers: one is done while the next one waits beside it."
SECONDS_TO_CONNECT = 15
OPTION = "--scheduler"
LATE = "jjj-late"
"Topic under which a worker says which run it ends for."
SECONDS_TO_TELL = 0.5
"Until it ends."


@dataclass(frozen=True)
class Keys:
    """Files of a certificate authority, and of a certificate and its key."""

    authority: Path
    certificate: Path
    key: Path


class Cluster:
    """The workers of a Dask scheduler, for as many sweeps as are done inside its block."""

    def __init__(
        self, address: str, *, keys: Keys | None = None, insecure: bool = False, timeout: float | None = None
    ) -> None:
        self.address = address
        self.timeout = timeout
        self._stopped = False
        self._client = _connect(address, keys, insecure)
        self.slots = self._hands()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *why: object) -> None:
        self._client.close(timeout=1)

    def stop(self) -> None:
        """Nothing more is sent; what the workers have is finished."""
        self._stopped = True

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Report]:
        """Does chunks on the workers.

        Dask gives up a chunk whose workers died, and one that only waited beside it. So their runs are tried once more,
        one at a time over the whole cluster: who ends its workers even then is lost. A run that took too long is lost
        at once, and its neighbours are tried again.
        """
        from distributed import KilledWorker, as_completed

        again: deque[Chunk] = deque()
        suspects: deque[Chunk] = deque()
        suspect: Future | None = None
        under_way: dict[Future, Chunk] = {}
        coming = as_completed(loop=self._client.loop)
        late = self._late(under_way)
        while True:
            while not self._stopped and len(under_way) < AHEAD * self.slots:
                accused = suspect is None and bool(suspects)
                chunk = suspects.popleft() if accused else again.popleft() if again else next(chunks, None)
                if chunk is None:
                    break
                chunk = replace(chunk, plan=chunk.plan.resolve())
                future = self._client.submit(_remote, chunk, made_by(), self.timeout, pure=False)
                under_way[future] = chunk
                coming.add(future)
                suspect = future if accused else suspect
            if not under_way:
                return
            future = next(coming)
            chunk = under_way.pop(future)
            accused = future is suspect
            suspect = None if accused else suspect
            try:
                receipt = future.result()  # it waits where a worker died with a receipt, for then it is made once more
            except CancelledError:
                if future.key not in late:
                    raise PartialError(f"The scheduler at {self.address} is gone; what was done is kept.") from None
                (run,) = (one for one in chunk.runs if one.index == late[future.key])
                if rest := tuple(one for one in chunk.runs if one is not run):
                    again.append(replace(chunk, runs=rest))
                told = f"took longer than {self.timeout:g} s and was ended"
                yield Lost(run, "timeout", told, self.timeout or 0.0)
            except KilledWorker:
                if accused:
                    yield Lost(chunk.runs[0], "process", "it ended each worker that it was given to", 0.0)
                else:
                    suspects += [replace(chunk, runs=(run,)) for run in chunk.runs]
            else:
                yield Finished(receipt)

    def _late(self, under_way: Collection[Future]) -> dict[str, int]:
        """Fills with the runs for which workers end, by the key of their chunk, which is no longer waited for then."""
        late: dict[str, int] = {}

        async def heard(event: tuple[float, dict[str, Any]]) -> None:
            key = event[1]["key"]
            if mine := [future for future in list(under_way) if future.key == key]:
                late[key] = event[1]["run"]
                await self._client.cancel(mine, asynchronous=True)

        self._client.subscribe_topic(LATE, heard)
        return late

    def _hands(self) -> int:
        """Threads of all workers, which must be as this process is."""
        seen = self._client.run(made_by)
        if not seen:
            raise InputError(Finding(message="no workers there", path=OPTION, found=self.address))
        for worker, theirs in seen.items():
            _compare(worker, theirs)
        return sum(self._client.nthreads().values())


def _remote(chunk: Chunk, wanted: dict[str, str], timeout: float | None) -> Receipt:
    """What a worker does; one that came later than the first ones is compared here."""
    if made_by() != wanted:
        _compare("a worker", made_by(), wanted)
    if timeout is None:
        return perform(chunk)
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    timer: threading.Timer | None = None

    def end(run: Run) -> None:
        worker.log_event(LATE, {"key": key, "run": run.index})
        time.sleep(SECONDS_TO_TELL)
        os._exit(1)  # a run cannot be ended, but its process can

    def rest() -> None:
        if timer is not None:
            timer.cancel()

    def began(run: Run) -> None:
        nonlocal timer
        rest()
        timer = threading.Timer(timeout, end, [run])
        timer.daemon = True
        timer.start()

    try:
        return perform(chunk, began)
    finally:
        rest()


def _compare(worker: str, theirs: dict[str, str], ours: dict[str, str] | None = None) -> None:
    ours = ours or made_by()
    if theirs != ours:
        different = [f"{key} {theirs.get(key)} (here {ours.get(key)})" for key in ours if theirs.get(key) != ours[key]]
        raise StoreError(
            f"{worker} is not like this process, so that runs could differ: {', '.join(different)}",
            remedy="  Install the same versions there.",
        )


def _connect(address: str, keys: Keys | None, insecure: bool) -> Client:
    try:
        from distributed import Client, Security
    except ImportError:
        raise InputError(
            Finding(message="Dask is not installed: install jjj with its extra `cluster`", path=OPTION, found=address)
        ) from None
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise InputError(
            Finding(message="not the address of a scheduler", path=OPTION, found=address,
                    allowed="tcp://127.0.0.1:8786, or tls://host:8786")
        )  # fmt: skip
    if parts.scheme == "tcp" and not _here(parts.hostname) and not insecure:
        raise InputError(
            Finding(message="a plain connection beyond this machine: whoever can reach it can run anything there",
                    path=OPTION, found=address, allowed="tls:// with --tls-ca, --tls-cert and --tls-key; or "
                    "--insecure-cluster in a network that you trust")
        )  # fmt: skip
    if parts.scheme == "tls" and keys is None:
        raise InputError(
            Finding(message="an encrypted connection needs its keys", path=OPTION, found=address,
                    allowed="--tls-ca, --tls-cert and --tls-key")
        )  # fmt: skip
    given: dict[str, Any] = {}
    if keys is not None and parts.scheme == "tls":
        given["security"] = Security(
            tls_ca_file=str(keys.authority), tls_client_cert=str(keys.certificate), tls_client_key=str(keys.key),
            require_encryption=True,
        )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions, which are compared more strictly here
            return Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False, **given)
    except (OSError, TimeoutError) as error:
        raise InputError(Finding(message=f"no scheduler answers ({error})", path=OPTION, found=address)) from None


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

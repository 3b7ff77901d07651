"""Dask: workers on any number of machines that share the store's file system.

A worker writes parts where the store lies and returns a receipt, so no result ever lies in the memory of a worker that
may die, and the scheduler may forget everything. Workers with other versions, another model or other processors are
refused before they do anything. Beyond this machine the connection must be encrypted, unless one insists.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sim.errors import Finding, InputError, PartialError, StoreError
from sim.experiments.chunk import Chunk, perform
from sim.experiments.executors import Finished, Lost, Report
from sim.experiments.plan import made_by
from sim.store import Receipt

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2
"Chunks sent for each thread of the workers: one is done while the next one waits beside it."
SECONDS_TO_CONNECT = 15
OPTION = "--scheduler"


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
        """Does chunks on the workers; one that kills its workers is cut until the run is found that does it."""
        from distributed import KilledWorker, as_completed

        again: deque[Chunk] = deque()
        under_way: dict[Future, Chunk] = {}
        coming = as_completed(loop=self._client.loop)
        while True:
            while not self._stopped and len(under_way) < AHEAD * self.slots:
                chunk = again.popleft() if again else next(chunks, None)
                if chunk is None:
                    break
                chunk = replace(chunk, plan=chunk.plan.resolve())
                future = self._client.submit(_remote, chunk, made_by(), self.timeout, pure=False)
                under_way[future] = chunk
                coming.add(future)
            if not under_way:
                return
            future = next(coming)
            chunk = under_way.pop(future)
            try:
                receipt = future.result()  # it waits where a worker died with a receipt, for then it is made once more
            except CancelledError:
                raise PartialError(f"The scheduler at {self.address} is gone; what was done is kept.") from None
            except KilledWorker:
                if len(chunk.runs) > 1:
                    again += [replace(chunk, runs=(run,)) for run in chunk.runs]
                else:
                    yield Lost(chunk.runs[0], "process", self._how(), 0.0)
            else:
                yield Finished(receipt)

    def _how(self) -> str:
        late = "" if self.timeout is None else f", or took longer than {self.timeout:g} s"
        return f"it ended each worker that it was given to{late}"

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
    timer: list[threading.Timer] = []

    def began(run: object) -> None:
        for one in timer:
            one.cancel()
        timer[:] = [threading.Timer(timeout, os._exit, [1])]  # a run cannot be ended, but its process can
        timer[0].daemon = True
        timer[0].start()

    try:
        return perform(chunk, began)
    finally:
        for one in timer:
            one.cancel()


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

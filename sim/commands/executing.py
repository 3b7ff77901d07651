"""Who does the runs of an experiment: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.options import with_jobs

if TYPE_CHECKING:
    from sim.experiments.executors import Executor

Connect = Callable[[], "AbstractContextManager[Executor | None]"]
"Connects to the cluster as long as its block lasts; None where the processes of this machine do the runs."

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
CLUSTER = (
    click.option("--scheduler", metavar="ADDRESS",
                 help="Let the workers of a Dask scheduler do the runs, tcp://HOST:PORT or tls://HOST:PORT. They must "
                 "see the folder for results; how much memory a run may take is for their --memory-limit to say."),
    click.option("--tls-ca", type=FILE, help="Certificate authority of a tls:// scheduler."),
    click.option("--tls-cert", type=FILE, help="Our certificate for it."),
    click.option("--tls-key", type=FILE, help="The key of our certificate."),
    click.option("--insecure-cluster", is_flag=True,
                 help="Allow tcp:// beyond this machine: whoever reaches such a scheduler can run anything there."),
)  # fmt: skip
TIMEOUT = click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="End a run that takes longer, and count it as failed.",
)


def with_executor(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that does the runs of an experiment; it gets `jobs`, `timeout` and `connect`."""

    @wraps(command)
    def with_connect(*, timeout: float | None, scheduler: str | None, insecure_cluster: bool, **rest: Any) -> Any:
        keys = {name: rest.pop(name) for name in ("tls_ca", "tls_cert", "tls_key")}
        if scheduler is None and (insecure_cluster or any(keys.values())):
            raise click.UsageError("--tls-ca, --tls-cert, --tls-key and --insecure-cluster belong to --scheduler.")

        if scheduler is not None and rest["jobs"]:
            raise click.UsageError("--jobs counts processes of this machine: give either it or --scheduler.")

        @contextmanager
        def connect() -> Iterator[Executor | None]:
            if scheduler is None:
                yield None
                return
            from sim.experiments.executors.cluster import Cluster, Keys

            given = Keys(*keys.values()) if all(keys.values()) else None
            with Cluster(scheduler, keys=given, insecure=insecure_cluster, timeout=timeout) as cluster:
                yield cluster

        return command(timeout=timeout, connect=connect, **rest)

    for option in reversed((with_jobs, TIMEOUT, *CLUSTER)):
        with_connect = option(with_connect)
    return with_connect

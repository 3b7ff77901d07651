"""One run of a store again, alone, in this process; what comes out is held against what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.core.provenance import model_source
from sim.errors import Finding, InputError, StoreError
from sim.experiments.chunk import SIMULATED, done_by
from sim.experiments.plan import Plan, Run, open_plan
from sim.results.stored import newest_plan
from sim.store import Store
from sim.store.parts import series_digest
from sim.store.receipts import DONE

MARK = "#"


@dataclass(frozen=True)
class Replayed:
    """A run and what it gave."""

    run: Run
    digest: str
    outcome: str
    kept: str
    "Digest that the store holds; empty if the run is not done there."
    same_model: bool

    @property
    def same(self) -> bool:
        return self.digest == self.kept


def replay(target: str, work: str = SIMULATED) -> Replayed:
    """`STORE#KEY` or `STORE#NUMBER`: the run of which the key begins so, or of that number in the newest plan."""
    folder, _, name = target.rpartition(MARK)
    store = Store.open(Path(folder))
    plan = open_plan(newest_plan(store)[0])
    run = plan.run(_index(plan, name, target))
    made = done_by(work)(plan, run)
    months, places = plan.content["arms"][run.arm]["months"], [p["key"] for p in plan.content["places"]]
    return Replayed(
        run, series_digest(plan.metrics, months[0], places, made.series), made.outcome, _kept(store, run.key),
        plan.content["model_source"] == model_source(),
    )  # fmt: skip


def _index(plan: Plan, name: str, target: str) -> int:
    if name.isdecimal() and int(name) < plan.size:
        return int(name)
    found = {key: index for index, key in enumerate(plan.keys()) if name and key.startswith(name.lower())}
    if len(found) != 1:
        raise InputError(
            Finding(message="no run of this name" if not found else f"{len(found)} runs have such a key", found=target,
                    path="RUN", allowed=f"STORE#KEY with enough of a key, or STORE#NUMBER below {plan.size}")
        )  # fmt: skip
    return next(iter(found.values()))


def _kept(store: Store, key: str) -> str:
    problems: list[str] = []
    for receipt in store.trusted(problems):
        for row, one in enumerate(receipt.rows.key):
            if one == key and receipt.rows.status[row] == DONE:
                return receipt.rows.digest[row]
    if problems:
        raise StoreError("\n".join(problems))
    return ""

"""All that is wrong with a store, and what does not belong to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import OutputError, StoreError
from sim.store.folder import FOLDERS, OURS, Store
from sim.store.publishing import worded
from sim.store.receipts import DONE, Rows, read_receipt
from sim.store.sealing import digest, unsealed

FILES = ("store.json", "lock", "audits.json")


@dataclass
class Report:
    """What was found."""

    runs: int = 0
    "Done, in parts that are whole."
    parts: int = 0
    damaged: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    "Digests that contradict each other: results that no damage explains."
    strangers: list[Path] = field(default_factory=list)
    "Files that no sweep wrote; they are left alone."
    unacknowledged: list[Path] = field(default_factory=list)
    "What an interrupted command left; the next sweep removes it."


def check(store: Store) -> Report:
    """Read every byte of a store and say what is wrong."""
    report = Report()
    identities, keys = set[str](), set[str]()
    for receipt in store.receipts(report.damaged):
        identities.add(receipt.id)
        if why := store.whole(receipt):
            report.damaged.append(why)
            continue
        report.parts += receipt.part is not None
        keys |= {key for key, status in zip(receipt.rows.key, receipt.rows.status, strict=True) if status == DONE}
    report.runs = len(keys)
    report.alarms = alarms(store)
    for folder in sorted((store.folder / "plans").glob("[!.]*")):
        _check_plan(folder, report)
    _look_around(store, identities, report)
    return report


def alarms(store: Store) -> list[str]:
    """One run with two results, or two replicates with one, in words."""
    whole = [np.zeros((0, 4), np.uint64)] + [_beginnings(receipt.rows) for receipt in store.receipts([])]
    key, digest_, outcome, replicate = np.concatenate(whole).T
    found = []
    if twice := _shared(key, digest_):
        found.append(f"{twice} runs have two different results: the same run did not give the same numbers")
    if alike := _shared(outcome, replicate):
        found.append(f"{alike} results came from different replicates, equal in every number: is there no randomness?")
    return found


def _beginnings(rows: Rows) -> NDArray[np.uint64]:
    """Key, digest and outcome of runs that are done, as far as 64 bits go, and their replicates."""
    done = [at for at, status in enumerate(rows.status) if status == DONE]
    columns = [[int(texts[at][:16], 16) for at in done] for texts in (rows.key, rows.digest, rows.outcome)]
    return np.array([*columns, [rows.replicate[at] for at in done]], np.uint64).reshape(4, -1).T


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    """How many values of one column stand beside more than one of the other."""
    pairs = np.unique(np.stack([one, other], axis=1), axis=0)
    return int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())


def _check_plan(folder: Path, report: Report) -> None:
    try:
        files = unsealed(folder / "plan.json")["files"]
    except (StoreError, FileNotFoundError, KeyError) as error:
        report.damaged.append(f"{folder}: a plan that cannot be read ({error})")
        return
    for name, wanted in files.items():
        path = folder / f"{name}.parquet"
        if not path.is_file() or digest(path.read_bytes()) != wanted:
            report.damaged.append(f"{path}: missing or damaged")


def _look_around(store: Store, identities: set[str], report: Report) -> None:
    receipts = {path.stem for path in (store.folder / "receipts").glob("*.json")}
    report.unacknowledged += store.half_written()
    for path in sorted(store.folder.iterdir()):
        if path.name not in (*FOLDERS, *FILES, "figures", "damaged") and path not in report.unacknowledged:
            report.strangers.append(path)
    for name, ending in (("parts", ".parquet"), ("receipts", ".json")):
        for path in sorted((store.folder / name).iterdir()):
            if path in report.unacknowledged:
                continue
            if path.suffix != ending or not OURS.fullmatch(path.stem):
                report.strangers.append(path)
            elif name == "parts" and path.stem not in receipts:
                report.unacknowledged.append(path)


def repair(store: Store) -> list[str]:
    """Set damaged files aside, in the folder `damaged`, so that the next sweep makes them again; what was wrong.

    The store must be locked by who calls.
    """
    wrong = []
    for folder in sorted((store.folder / "plans").glob("[!.]*")):
        report = Report()
        _check_plan(folder, report)
        if report.damaged:
            wrong += report.damaged
            _aside(store, folder)
    for path in sorted((store.folder / "receipts").glob("[!.]*.json")):
        try:
            why = store.whole(read_receipt(path))
        except StoreError as error:
            why = error.message
        if why:
            wrong.append(why)
            _aside(store, path)
            _aside(store, store.part(path.stem))
    return wrong


def _aside(store: Store, path: Path) -> None:
    target = store.folder / "damaged"
    try:
        target.mkdir(exist_ok=True)
        if path.exists():
            number = sum(1 for one in target.iterdir() if one.name.startswith(path.name))
            path.rename(target / f"{path.name}.{number}")
    except OSError as error:
        raise OutputError(worded(path, error)) from error

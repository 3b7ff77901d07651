"""Small parts become large ones, so that a store of many long runs opens as fast as one of short runs.

The large part and its receipt are published first; the receipt names those that it replaces, which then go. A kill in
between leaves runs in two places, with one digest, and the next sweep removes what was replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sim.errors import OutputError
from sim.store.folder import Store
from sim.store.parts import read_part, write_part
from sim.store.publishing import worded
from sim.store.receipts import Receipt, Rows

SMALL, LARGE = 50, 100
"Runs below which a part is merged, and up to which."
MERGED = LARGE - SMALL // 2
"Runs with which a merged part is large enough."
MOST_BYTES = 64e6
"Of series that are held while a part is written."


def compact(store: Store, months: dict[tuple[str, int], list[str]]) -> int:
    """Merge small parts and return how many there were; `months` has their labels by first month and number.

    The store must be locked by who calls.
    """
    merged = 0
    for group in _groups(store):
        first = group[0]
        rows = Rows(**{name: [x for r in group for x in getattr(r.rows, name)] for name in vars(first.rows)})
        identity = hashlib.blake2b("\0".join(rows.key).encode(), digest_size=12).hexdigest()
        whole = [read_part(store.part(r.id), r, r.metrics) for r in group if r.part is not None]
        labels = months.get((first.start, first.months))
        if labels is None:
            continue
        series = np.concatenate(whole) if whole else None
        part = None if series is None else write_part(store.part(identity), series, first.metrics, labels, first.places)
        old = tuple(r.id for r in group)
        store.commit(replace(first, id=identity, rows=rows, part=part, replaces=old))
        _remove(store, old)
        merged += len(group)
    return merged


def _groups(store: Store) -> Iterator[list[Receipt]]:
    """Receipts that can be one: of one plan, of the same shape, made by the same software."""
    waiting: dict[object, list[Receipt]] = {}
    for receipt in store.trusted([]):
        if len(receipt.rows) >= SMALL:
            continue
        alike = (receipt.plan, receipt.start, receipt.months, receipt.places, receipt.metrics, *receipt.made_by.items())
        group = waiting.setdefault(alike, [])
        group.append(receipt)
        runs = sum(len(one.rows) for one in group)
        held = 8.0 * runs * receipt.months * len(receipt.places) * len(receipt.metrics)
        if runs >= MERGED or held > MOST_BYTES:
            yield waiting.pop(alike)
    yield from (group for group in waiting.values() if len(group) > 1)


def _remove(store: Store, old: tuple[str, ...]) -> None:
    try:
        for identity in old:
            store.receipt(identity).unlink(missing_ok=True)
        for identity in old:
            store.part(identity).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(worded(store.folder, error)) from error

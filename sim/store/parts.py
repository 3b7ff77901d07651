"""A part: series of up to about a hundred runs, one row a run, month and place, one column a metric."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import StoreError
from sim.store.columns import named, numbers, table_of, texts
from sim.store.publishing import replace_file
from sim.store.receipts import Part, Receipt
from sim.store.sealing import digest

RUN, MONTH, PLACE = "run", "month", "place"
AGAIN = "  `jjj sweep` computes these runs again; `jjj check` lists all that is wrong with a store."

Whole = NDArray[np.int64]


class GoneError(StoreError):
    """A part that is not there, or not any more."""


def series_digest(metrics: Sequence[str], start: str, places: Sequence[str], series: Whole) -> str:
    """Of one run's content [metric, month, place]: equal whatever file it lies in."""
    found = hashlib.blake2b(repr((tuple(metrics), start, tuple(places), series.shape)).encode(), digest_size=32)
    found.update(np.ascontiguousarray(series, "<i8").tobytes())
    return found.hexdigest()


def write_part(path: Path, series: Whole, metrics: Sequence[str], months: Sequence[str], places: Sequence[str]) -> Part:
    """Publish series [run, metric, month, place] under `path`."""
    runs = len(series)
    run, month, place = np.indices((runs, len(months), len(places)), np.int32).reshape(3, -1)
    columns = {RUN: numbers(run), MONTH: named(month, texts(months)), PLACE: named(place, texts(places))}
    columns |= {name: numbers(series[:, k].reshape(-1)) for k, name in enumerate(metrics)}
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="zstd", write_page_checksum=True, row_group_size=max(1, table.num_rows),
        use_dictionary=[RUN, MONTH, PLACE], column_encoding=dict.fromkeys(metrics, "BYTE_STREAM_SPLIT"),
    )  # fmt: skip
    content = sink.getvalue().to_pybytes()
    replace_file(path, content)
    return Part(len(content), digest(content))


def read_part(path: Path, receipt: Receipt, metrics: Sequence[str]) -> Whole:
    """Series [run, metric, month, place] of some metrics; StoreError unless the file is what the receipt says."""
    if receipt.part is None:
        return np.zeros((0, len(metrics), receipt.months, len(receipt.places)), np.int64)
    content = verified(path, receipt.part)
    table = table_of(content, list(metrics))
    columns = [np.from_dlpack(table[name].combine_chunks()) for name in metrics]
    shape = (-1, receipt.months, len(receipt.places))
    return np.stack([column.reshape(shape) for column in columns], axis=1)


def verified(path: Path, part: Part) -> Any:
    """The bytes of a part; StoreError if they are not those that were written.

    A file that was found right in this process is not hashed again while inode, size and time stay the same.
    """
    try:
        with path.open("rb") as file:
            content = file.read(part.size + 1)
            about = path.stat()
    except FileNotFoundError:
        raise GoneError(f"{path}: missing from the store", remedy=AGAIN) from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})", remedy=AGAIN) from error
    mark = _mark(path, about, part)
    if mark not in _found_right():
        if len(content) != part.size or digest(content) != part.digest:
            raise StoreError(f"{path}: damaged: its content is not what was written", remedy=AGAIN)
        _found_right().add(mark)
    return content


def verify(path: Path, part: Part) -> None:
    """The same without the bytes, which are not even read if the file was found right before."""
    try:
        known = _mark(path, path.stat(), part) in _found_right()
    except OSError:
        known = False
    if not known:
        verified(path, part)


def _mark(path: Path, about: os.stat_result, part: Part) -> tuple[Any, ...]:
    return str(path), about.st_ino, about.st_size, about.st_mtime_ns, part.digest


@lru_cache(1)
def _found_right() -> set[tuple[Any, ...]]:
    return set()

"""Columns of tables from arrays and texts; `pa.array` would import pandas, which takes longer than all else here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray


def numbers(values: NDArray[Any]) -> pa.Array:
    """A column from its bytes."""
    content = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), values.size, [None, content])


def texts(words: Sequence[str]) -> pa.Array:
    """A column of texts."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def table_of(content: Any, columns: Sequence[str] | None = None) -> Any:
    """A table from the bytes of a Parquet file, read in this thread: Arrow's own do not always end in good order."""
    opened = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True, pre_buffer=False)
    return opened.read(columns=columns, use_threads=False)


def named(index: Any, names: pa.Array) -> pa.DictionaryArray:
    """A column of few distinct texts: positions in the column of these texts."""
    return pa.DictionaryArray.from_arrays(numbers(np.asarray(index, np.int32)), names)

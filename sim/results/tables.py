"""A store as tables for other tools: SQL over it, and files for notebooks, always in the order of the plan."""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import Finding, InputError, OutputError
from sim.results.stored import Stored
from sim.store import Store
from sim.store.columns import named, numbers, texts
from sim.store.parts import read_part, verified
from sim.store.publishing import worded

PARTS_HELD = 8
WHAT = ("series", "runs")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"With which a cell of text begins that a spreadsheet would compute."


def runs_table(store: Stored) -> Any:
    """The runs with the values of their points, one column a path."""
    table, at = store.runs, np.from_dlpack(store.runs["point"].combine_chunks())
    for path, values in store.points.items():
        column = values[at]
        plain = column.dtype == np.float64
        table = table.append_column(path, numbers(column) if plain else texts([str(v) for v in column]))
    return table


def series_tables(store: Stored) -> Iterator[Any]:
    """One table a run that is done, in the order of the plan: index, arm, point, replicate, month, place, metrics."""

    @lru_cache(PARTS_HELD)
    def part(name: str) -> Any:
        receipt = store.receipts[name]
        return read_part(Store(store.folder).part(name), receipt, store.metrics)

    arms, places = texts(store.arms), texts(store.places)
    months = {name: texts(arm["months"]) for name, arm in store.plan["arms"].items()}
    _, points, replicates = store.shape
    for index in store.done.tolist():
        lies = store.lies(index)
        values = part(lies.receipt)[lies.at]
        size = values[0].size
        arm = index // (points * replicates)
        month, place = np.divmod(np.arange(size), len(store.places))
        yield pa.table(
            {
                "index": numbers(np.full(size, index, np.int64)),
                "arm": named(np.full(size, arm), arms),
                "point": numbers(np.full(size, index // replicates % points, np.int32)),
                "replicate": numbers(np.full(size, index % replicates, np.int32)),
                "month": named(month, months[store.arms[arm]]),
                "place": named(place, places),
                **{name: numbers(values[k].reshape(-1)) for k, name in enumerate(store.metrics)},
            }
        )


def canonical_digest(store: Stored) -> str:
    """Of all that the runs of the plan hold, read back from the parts, in the order of the plan."""
    found = hashlib.blake2b(digest_size=32)
    for table in series_tables(store):
        for name in table.column_names:
            column = table[name].combine_chunks()
            if isinstance(column, pa.DictionaryArray):
                found.update("\0".join(column.dictionary.to_pylist()).encode())
                column = column.indices
            found.update(np.from_dlpack(column).tobytes())
    return found.hexdigest()


def export(store: Stored, target: Path, what: str = "series") -> int:
    """Write series or runs as CSV or Parquet, by the ending of `target`, and return the number of rows."""
    tables = series_tables(store) if what == "series" else iter([runs_table(store)])
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    if target.suffix not in writers:
        raise InputError(
            Finding(
                message="no such format", path="--to", found=str(target), allowed="a file ending in .csv or .parquet"
            )
        )
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        os.close(handle)
        scratch = Path(name)
        try:
            rows = writers[target.suffix](scratch, tables)
            scratch.chmod(0o644)
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(worded(target, error)) from error
    return rows


def _write_parquet(path: Path, tables: Iterator[Any]) -> int:
    rows, writer = 0, None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", write_page_checksum=True)
            writer.write_table(table)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _write_csv(path: Path, tables: Iterator[Any]) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, table in enumerate(tables):
            if number == 0:
                writer.writerow([safe(name) for name in table.column_names])
            writer.writerows(zip(*(_cells(table[name]) for name in table.column_names), strict=True))
            rows += table.num_rows
    return rows


def _cells(column: Any) -> list[Any]:
    """Texts made safe, numbers untouched, nothing where there is none."""
    values = column.to_pylist()
    if pa.types.is_floating(column.type):
        return ["" if value is None or value != value else repr(value) for value in values]
    return [safe(value) if isinstance(value, str) else value for value in values]


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def query(store: Stored, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names and rows of a SELECT over the views `runs` and `series`; it can read these and nothing else."""
    import duckdb

    files: dict[str, list[tuple[int, int]]] = {}
    for index in store.done.tolist():
        lies = store.lies(index)
        files.setdefault(lies.receipt, []).append((lies.at, index))
    paths = {name: str(Store(store.folder).part(name)) for name in files}
    for name in files:
        part = store.receipts[name].part
        assert part is not None
        verified(Path(paths[name]), part)
    with duckdb.connect(":memory:") as database:
        database.register("runs", runs_table(store))
        where = [(paths[name], at, index) for name, rows in files.items() for at, index in rows]
        file, run, index = zip(*where, strict=True) if where else ((), (), ())
        database.register(
            "places_of_runs",
            pa.table(
                {
                    "file": texts(file),
                    "run": numbers(np.array(run, np.int32)),
                    "index": numbers(np.array(index, np.int64)),
                }
            ),
        )
        database.execute("SET enable_progress_bar = false")
        if where:
            database.execute(f"SET allowed_paths = {_sql_list(paths.values())}")
            columns = ", ".join(_quoted(name) for name in ("month", "place", *store.metrics))
            database.execute(
                f"""CREATE VIEW series AS SELECT "index", arm, point, replicate, {columns}
                FROM read_parquet({_sql_list(paths.values())}, filename = 'file')
                JOIN places_of_runs USING (file, run) JOIN runs USING ("index")"""  # noqa: S608 - names from the plan, quoted
            )
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        try:
            statements = database.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in (
                duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN,
            ):  # fmt: skip
                raise InputError(Finding(message="a query is one SELECT", path="SQL", found=sql))
            result = database.execute(statements[0])
            return [column[0] for column in result.description or []], result.fetchall()
        except duckdb.Error as error:
            raise InputError(
                Finding(message=str(error).partition("\n")[0].rstrip("."), path="SQL", found=sql)
            ) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sql_list(paths: Any) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"

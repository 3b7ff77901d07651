"""A store as one file to be given away, and a stranger's file taken in without trust.

What is taken in may only consist of the files that a store has, under the names that they have there; it may not grow
beyond its limits while it is unpacked, whatever it says of itself; and it is checked, byte by byte, before it appears.
"""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import OutputError, StoreError, clean
from sim.store.checking import check
from sim.store.folder import Store
from sim.store.publishing import published, worded
from sim.store.receipts import DONE, Receipt

HEX = "[0-9a-f]{24}"
KNOWN = re.compile(
    rf"store\.json|audits\.json|plans/{HEX}/(plan\.json|runs\.parquet|points\.parquet)"
    rf"|regions/{HEX}/[a-z0-9_]{{1,64}}/[A-Za-z0-9_][A-Za-z0-9_.-]{{0,63}}|parts/{HEX}\.parquet|receipts/{HEX}\.json"
)
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
MOST_FILES = 200_000
MOST_BYTES = 200_000_000_000
MOST_RATIO = 200
"Times that a file may be larger than what it is packed in."
SMALL = 1_000_000
"Bytes below which the ratio is of no matter."
PIECE = 1 << 20


def pack(store: Store, target: Path) -> int:
    """Write a store as one zip file and return the number of files; StoreError if something is wrong with it."""
    report = check(store)
    if report.damaged:
        raise StoreError("\n".join(report.damaged))
    files = sorted(path for path in store.folder.rglob("*") if path.is_file() and _known(store, path))
    scratch = target.with_name(f".{target.name}-{'0' * 8}")
    try:
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as bundle:
            for path in files:
                kind = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
                bundle.write(path, path.relative_to(store.folder).as_posix(), kind)
        scratch.replace(target)
    except OSError as error:
        raise OutputError(worded(target, error)) from error
    finally:
        scratch.unlink(missing_ok=True)
    return len(files)


def _known(store: Store, path: Path) -> bool:
    return KNOWN.fullmatch(path.relative_to(store.folder).as_posix()) is not None


def unpack(file: Path, out: Path) -> Path:
    """Take in a bundle as `<out>/<name of the file>`; StoreError, and nothing is left, if anything is wrong with it."""
    name = file.name.removesuffix(".zip")
    if not NAME.fullmatch(name):
        raise StoreError(f"{clean(str(file))}: not a name for a store; rename the file")
    target = out / name
    if target.exists():
        raise StoreError(f"{target}: is there already", remedy="  Rename the file, or give another --out.")
    try:
        with zipfile.ZipFile(file) as bundle:
            members = _members(file, bundle)
            with published(target) as scratch:
                left = MOST_BYTES
                for member in members:
                    left -= _extract(file, bundle, member, scratch / member.filename, left)
                _accept(file, Store.open(scratch))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise StoreError(f"{file}: not a bundle that can be read ({error})") from None
    except FileNotFoundError:
        raise StoreError(f"{file}: no such file") from None
    return target


def _members(file: Path, bundle: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What is in it, if all of that may be."""
    members = bundle.infolist()
    if len(members) > MOST_FILES:
        raise StoreError(f"{file}: {len(members):,} files; a bundle has at most {MOST_FILES:,}")
    seen = set[str]()
    for member in members:
        told = f"{file}: `{clean(member.filename)}`"
        if KNOWN.fullmatch(member.filename) is None:
            raise StoreError(f"{told} is not a file of a store")
        if not stat.S_ISREG(member.external_attr >> 16) and member.external_attr >> 16:
            raise StoreError(f"{told} is not a regular file")
        if member.filename in seen:
            raise StoreError(f"{told} is there twice")
        if member.file_size > SMALL and member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise StoreError(f"{told} would grow to {member.file_size / 1e6:,.0f} MB when it is unpacked")
        seen.add(member.filename)
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise StoreError(f"{file}: would grow beyond {MOST_BYTES / 1e9:.0f} GB when it is unpacked")
    return members


def _extract(file: Path, bundle: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one member and return its bytes, counted as they come."""
    target.parent.mkdir(parents=True, exist_ok=True)
    most = min(left, max(SMALL, MOST_RATIO * member.compress_size))
    written = 0
    with bundle.open(member) as source, target.open("xb") as sink:
        while piece := source.read(PIECE):
            written += len(piece)
            if written > most:
                raise StoreError(f"{file}: `{clean(member.filename)}` grows without end when it is unpacked")
            sink.write(piece)
    return written


def _accept(file: Path, store: Store) -> None:
    """Whether what was unpacked is a store without fault, and no part is larger than its receipt says."""
    report = check(store)
    if report.damaged:
        raise StoreError(f"{file}: {report.damaged[0]}".replace(str(store.folder), ""))
    for receipt in store.receipts([]):
        if receipt.part is not None and not _as_large_as_told(store, receipt):
            raise StoreError(f"{file}: the part {receipt.id} is not as large as its receipt says")


def _as_large_as_told(store: Store, receipt: Receipt) -> bool:
    """Whether a part unpacks to what its receipt leads to expect, as the part itself says before it is read."""
    rows = receipt.rows.status.count(DONE) * receipt.months * len(receipt.places)
    about = pq.ParquetFile(pa.memory_map(str(store.part(receipt.id)))).metadata
    held = sum(about.row_group(k).total_byte_size for k in range(about.num_row_groups))
    columns = len(receipt.metrics) + 3
    return (about.num_rows, about.num_columns) == (rows, columns) and held <= 16 * columns * rows + SMALL

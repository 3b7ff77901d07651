"""Is a stranger's bundle refused whole if anything about it is wrong, and taken in whole if nothing is?"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import StoreError
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.sweep import sweep_study
from sim.results.stored import open_store
from sim.results.tables import canonical_digest
from sim.store import Store
from sim.store.bundles import pack, unpack
from sim.store.receipts import Part, read_receipt
from sim.store.sealing import digest
from tests.faults.fakes import TINY, experiment

Members = list[tuple[zipfile.ZipInfo, bytes]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("store")
    return sweep_study(read(experiment(out)), out=out, executor=Serial(), work=TINY).folder


@pytest.fixture
def bundle(store: Path, tmp_path: Path) -> Path:
    target = tmp_path / "given.zip"
    pack(Store.open(store), target)
    return target


def test_what_is_packed_is_unpacked_and_can_be_gone_on_with(store: Path, bundle: Path, tmp_path: Path) -> None:
    taken = unpack(bundle, tmp_path / "theirs")
    assert canonical_digest(open_store(taken)) == canonical_digest(open_store(store))
    with pytest.raises(StoreError, match="is there already"):
        unpack(bundle, tmp_path / "theirs")


def info(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def with_one_more(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> Callable[[Members], None]:
    return lambda members: members.append((info(name, mode), content))


def flipped(members: Members) -> None:
    at = next(k for k, (one, _) in enumerate(members) if one.filename.startswith("parts/"))
    content = members[at][1]
    members[at] = (members[at][0], content[:99] + bytes([content[99] ^ 1]) + content[100:])


def bomb_of_columns(members: Members) -> None:
    """A part that fits its receipt's digest, and unpacks to thousands of times as much as the receipt tells."""
    at = next(k for k, (one, _) in enumerate(members) if one.filename.startswith("receipts/"))
    about = members[at][0]
    path = Path(about.filename)
    sink = io.BytesIO()
    pq.write_table(pa.table({name: [0] * 3_000_000 for name in "abcde"}), sink, compression="zstd")
    content = sink.getvalue()
    members[:] = [(one, content if one.filename == f"parts/{path.stem}.parquet" else old) for one, old in members]
    members[at] = (about, _receipt(path.name, members[at][1], Part(len(content), digest(content))))


def _receipt(name: str, content: bytes, part: Part) -> bytes:
    import tempfile
    from dataclasses import replace

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return replace(read_receipt(path), part=part).dump()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (with_one_more("../outside.txt"), "is not a file of a store"),
        (with_one_more("parts/../../outside.txt"), "is not a file of a store"),
        (with_one_more("/tmp/outside.txt"), "is not a file of a store"),
        (with_one_more("C:\\outside.txt"), "is not a file of a store"),
        (with_one_more("parts/x\nnotes.txt"), "is not a file of a store"),
        (with_one_more("plans/evil.py"), "is not a file of a store"),
        (with_one_more(f"parts/{'0' * 24}.parquet", b"/etc/passwd", stat.S_IFLNK | 0o777), "not a regular file"),
        (with_one_more(f"parts/{'0' * 24}.parquet", b"", stat.S_IFCHR | 0o666), "not a regular file"),
        (with_one_more(f"parts/{'0' * 24}.parquet", bytes(300_000_000)), "would grow to 300 MB"),
        (with_one_more("store.json", b"{}"), "is there twice"),
        (flipped, "damaged"),
        (bomb_of_columns, "is not as large as its receipt says"),
        (lambda members: members.clear(), "no store here"),
    ],
)
def test_a_spoilt_bundle_is_refused_and_leaves_nothing(
    bundle: Path, tmp_path: Path, spoil: Callable[[Members], None], told: str
) -> None:
    with zipfile.ZipFile(bundle) as whole:
        members: Members = [(one, whole.read(one)) for one in whole.infolist()]
    spoil(members)
    bundle.unlink()
    with zipfile.ZipFile(bundle, "w") as spoilt:
        for about, content in members:
            spoilt.writestr(about, content)
    with pytest.raises(StoreError, match=told):
        unpack(bundle, tmp_path / "theirs")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"given.zip"}


def test_a_file_that_lies_about_its_size_is_stopped_while_it_grows(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as more:
        more.writestr(info(f"parts/{'0' * 24}.parquet"), bytes(50_000_000))
    content = bytearray(bundle.read_bytes())
    told = (50_000_000).to_bytes(4, "little")
    assert content.count(told) >= 1
    bundle.write_bytes(bytes(content).replace(told, (900).to_bytes(4, "little")))
    with pytest.raises(StoreError):
        unpack(bundle, tmp_path / "theirs")
    assert not list((tmp_path / "theirs").rglob("*.parquet"))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"not a zip" * 100])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "given.zip"
    file.write_bytes(content)
    with pytest.raises(StoreError):
        unpack(file, tmp_path / "theirs")
    with pytest.raises(StoreError, match="no such file"):
        unpack(tmp_path / "none.zip", tmp_path / "theirs")

"""Do bad scenario files fail well? Walks `tests/files`, builds the hostile ones that none keeps."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import jjj
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError, RefusedError, word
from sim.scenario import load, refuse_if_impossible
from sim.scenario.reading import LARGEST_FILE, read_bytes

FILES = Path(__file__).parents[1] / "files"
EXPECT = "# expect: "


def normal(text: str) -> str:
    return " ".join(text.split())


def expectations(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith(EXPECT):
            return
        yield [normal(part) for part in line.removeprefix(EXPECT).split(" ... ")]


def names(folder: str) -> list[str]:
    return sorted(file.stem for file in (FILES / folder).glob("*.yaml"))


@pytest.mark.parametrize("name", names("invalid"))
def test_invalid_file_says_what_it_promises(name: str) -> None:
    file = FILES / "invalid" / f"{name}.yaml"
    promised = list(expectations(file))
    assert promised, "the first line must be `# expect: ...`"
    with pytest.raises(InputError) as caught:
        load(file)
    assert caught.value.exit_code == 2
    text = normal(word(caught.value))
    for parts in promised:
        at = 0
        for part in parts:
            assert part in text[at:], text
            at = text.index(part, at) + len(part)
    assert len(caught.value.findings) == len(promised), text


@pytest.mark.parametrize("name", names("valid"))
def test_valid_file_loads_and_reads_back_to_itself(name: str, tmp_path: Path) -> None:
    scenario = load(FILES / "valid" / f"{name}.yaml")
    copy = tmp_path / f"{name}.yaml"
    copy.write_text(scenario.dump_yaml(), encoding="utf-8")
    again = load(copy)
    assert again.digest == scenario.digest
    assert again.resolved == scenario.resolved
    assert again.provenance == scenario.provenance


def test_there_are_enough_bad_files() -> None:
    assert len(names("invalid")) >= 40


def bomb(link: str) -> str:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [link.format(this=level, last=level - 1) for level in range(1, 10)]
    return "\n".join(lines)


ALIASES = "a{this}: &a{this} [*a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}]"
MERGES = "a{this}: &a{this} {{<<: [*a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}]}}"

HOSTILE: dict[str, tuple[bytes, str]] = {
    "alias bomb": (bomb(ALIASES).encode(), "aliases (*name) are not read"),
    "merge bomb": (bomb(MERGES).encode(), "merge keys are not read"),
    "deep lists": (b"[" * 100_000, "nested more than 32 deep"),
    "deep mappings": (b"{a: " * 20_000, "nested more than 32 deep"),
    "deep blocks": (b"".join(b" " * n + b"a:\n" for n in range(500)), "nested more than 32 deep"),
    "deep dashes": (b"- " * 50_000, "nested more than 32 deep"),
    "many values": (b"parks: [" + b"1, " * 20_000 + b"]", "more than 10,000 values"),
    "many keys": (b"".join(b"k%d: 1\n" % n for n in range(10_001)), "more than 10,000 values"),
    "long number": (b"scale: " + b"1" * 5_000, "a number of more than 40 characters"),
    "long exponent": (b"scale: 1e" + b"9" * 30, "too large for a number"),
    "long fraction": (b"scale: 0." + b"1" * 5_000, "a number of more than 40 characters"),
    "long key": (b"k" * 100_000 + b": 1", "not readable as YAML"),
    "not UTF-8": (b"title: caf\xe9\n", "not UTF-8 at byte 10 (0xe9)"),
    "UTF-16": ("title: one\n".encode("utf-16"), "the file is UTF-16, not UTF-8"),
    "UTF-16 without mark": ("title: one\n".encode("utf-16-le"), "a hidden character, U+0000"),
    "lone surrogate": (b"title: \xed\xa0\x80\n", "not UTF-8 at byte 7"),
    "escaped surrogate": (b'title: "\\ud800"\n', "a hidden character, U+D800"),
    "NUL": (b"title: a\x00b\n", ":1:9: a hidden character, U+0000"),
    "escape sequence": (b"title: a\x1b[31mred\n", ":1:9: a hidden character, U+001B"),
    "bad timestamp": (b"start: 2001-99-99\n", "no such date in the calendar"),
    "bad tag of int": (b"scale: !!int abc\n", "tags (!name) are not read"),
    "bad tag of time": (b"scale: !!timestamp foo\n", "tags (!name) are not read"),
    "tag of python": (
        b"title: !!python/object/apply:os.system [touch canary]\n",
        "tags (!name) are not read",
    ),
    "control in name": (b'"na\\u0007me": 1\n', "a hidden character, U+0007"),
    "many marks": (b"!" * (LARGEST_FILE - 1), "tags (!name) are not read"),
    "many lines of text": (b'title: "' + b"a\n " * (LARGEST_FILE // 3 - 10) + b'"', "too long"),
    "larger than the cap": (b"#" * (LARGEST_FILE + 1), f"is larger than {LARGEST_FILE:,} bytes"),
}


def refused(file: Path, capsys: pytest.CaptureFixture[str], *options: str, verb: str = "check") -> str:
    """What `jjj check` says of a file that it must refuse with exit code 2."""
    began = time.monotonic()
    code = jjj(verb, str(file), *options)
    took = time.monotonic() - began
    captured = capsys.readouterr()
    with capsys.disabled():
        print(f" [{took:.2f} s]", end="")
    assert code == 2, captured.err
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_bytes(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, fragment = HOSTILE[kind]
    file = tmp_path / "hostile.yaml"
    file.write_bytes(data)
    assert fragment in refused(file, capsys)
    assert not (tmp_path / "canary").exists()


def test_sparse_file_of_five_gigabytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sparse.yaml"
    with file.open("wb") as stream:
        stream.truncate(5 << 30)
    assert f"is larger than {LARGEST_FILE:,} bytes" in refused(file, capsys)


def test_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pipe.yaml"
    os.mkfifo(file)
    assert "is not a regular file" in refused(file, capsys)


def test_device_behind_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "zero.yaml"
    file.symlink_to("/dev/zero")
    assert "is not a regular file" in refused(file, capsys)


def test_missing_file_and_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no such file" in refused(tmp_path / "none.yaml", capsys)
    assert "is a folder, not a file" in refused(tmp_path, capsys, verb="explain")  # to `check` a folder is a store


def test_file_name_that_is_not_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml"))
    file.write_bytes(b"scale: true\n")
    assert "\\udcff.yaml:1:8  scale: a switch" in refused(file, capsys)


def test_byte_order_mark_is_let_pass(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfscale: 0.5\r\n")
    assert load(file).document.scale == 0.5


def test_link_that_leads_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = tmp_path / "secret.yaml"
    outside.write_text("title: secret\n")
    inside = tmp_path / "mine"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(outside)
    file = inside / "a.yaml"
    file.write_text("extends: link.yaml\n")
    assert "the path leads out of the scenario's folder" in refused(file, capsys)


def test_extends_a_device_pipe_or_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for target, fragment in {
        "pipe.yaml": "is not a regular file",
        "loop.yaml": "extends: ",
        "x" * 300 + ".yaml": "extends: ",
    }.items():
        file = tmp_path / "a.yaml"
        file.write_text(f"extends: {target}\n")
        assert fragment in refused(file, capsys)


def test_long_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for level in range(10):
        (tmp_path / f"s{level}.yaml").write_text(f"extends: s{level + 1}.yaml\n")
    (tmp_path / "s10.yaml").write_text("title: end\n")
    assert "a chain of more than 8 files" in refused(tmp_path / "s0.yaml", capsys)


def test_heavy_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    padding = "#" * (LARGEST_FILE - 100) + "\n"
    for level in range(7):
        (tmp_path / f"s{level}.yaml").write_text(f"extends: s{level + 1}.yaml\n{padding}")
    (tmp_path / "s7.yaml").write_text("title: end\n")
    assert "the files of the chain are larger than" in refused(tmp_path / "s0.yaml", capsys)


@pytest.mark.parametrize(
    ("option", "fragment"),
    {
        "border.penalty=-1": "--set border.penalty: out of range",
        "border.penaltie=1": 'Did you mean "penalty"?',
        "border.penalty": "not an assignment: write --set a.b=value",
        "=1": "not an assignment",
        "a..b=1": "not an assignment",
        "border.penalty=": "no value",
        "border.penalty=[": "not readable as YAML",
        "border.penalty=&a 1": "anchors",
        "border.penalty=3 km": "wrong unit",
        "scale=\x00": "a hidden character, U+0000",
        "scale=" + "1" * 100: "a number of more than 40 characters",
    }.items(),
)
def test_options_are_held_to_the_same(option: str, fragment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fragment in refused(FILES / "valid" / "least.yaml", capsys, "--set", option)


def test_all_files_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(FILES / "invalid" / f"{name}.yaml") for name in ("nan", "octal", "unknown_key")]
    assert jjj("check", *files) == 2
    text = capsys.readouterr().err
    assert all(f"{file}:3:" in text for file in files)


@pytest.mark.parametrize("option", ["scale=1e8", "platform.capacity=1e6", "populations.branches_at_start=1e12"])
def test_impossible_size_is_refused_before_anything(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--set", option] + (["--set", "scale=1e6"] if "capacity" in option else [])
    assert jjj("check", str(FILES / "valid" / "least.yaml"), *options) == 4
    assert "of memory; this machine has" in capsys.readouterr().err


def test_size_is_weighed_against_the_machine() -> None:
    scenario = load(FILES / "valid" / "least.yaml")
    refuse_if_impossible(scenario, memory=64e9)
    with pytest.raises(RefusedError, match="this machine has 1 MB"):
        refuse_if_impossible(scenario, memory=1e6)


WORDS = """
a border penalty parks title scale decap_pressure extends value unit : - [ ] { } , ' " &a *a << !!int ! | > ?
... --- @ ` ~ # null 1 1e6 1e400 0x1 .nan 1:30 010 yes 2016-07 2013 3km é 京 \\x00 \\ud800
"""
SPACES = [": ", "\n", "\n  ", "- ", "? ", "%YAML 1.1\n", "\t", "\r", " ", " #", "m yuan", "\x85", "\ufeff"]
PIECES = st.sampled_from([*WORDS.split(), *SPACES])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        scenario = load(file)
    except InputError as error:
        assert error.findings
        assert all(finding.message for finding in error.findings)
    else:
        refuse = file.with_name("fuzz_again.yaml")
        refuse.write_text(scenario.dump_yaml(), encoding="utf-8")
        assert load(refuse).digest == scenario.digest


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reading = read_bytes(data, "fuzz.yaml")
    assert all(finding.message and finding.file == "fuzz.yaml" for finding in reading.findings)
    assert reading.size == len(data)

"""From a file to a complete scenario: extends chain, options, validation, origins, digest.

Precedence, each over the one before: default < extends chain < scenario < experiment arm < `--set`.
Everything that is wrong is reported at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Finding, InputError
from sim.scenario.checks import CHECKS, Check
from sim.scenario.conforming import Conformed, S, conform, provenance
from sim.scenario.library import is_plain, library, region_at, shipped, shipped_file
from sim.scenario.merging import Change, options, overlay, shown_value
from sim.scenario.nodes import Block, Place, Scalar
from sim.scenario.reading import read_file
from sim.scenario.resolved import DEFAULT, D, Scenario, SourceFile, digest_of, leaves, plain
from sim.scenario.scalars import nearest
from sim.scenario.schema import WORDS_ABOUT_IT, Header, ScenarioDocument
from sim.scenario.shapes import declared

LONGEST_CHAIN = 8
LARGEST_CHAIN = 1 << 19

Overrides = Iterable[str] | Mapping[str, object]


def load(
    source: str | os.PathLike[str],
    overrides: Overrides = (),
    *,
    arm: Overrides = (),
    schema: type[D] = ScenarioDocument,  # type: ignore[assignment]
    checks: Sequence[Check] | None = None,
) -> Scenario[D]:
    """The scenario of a file, or of a shipped name; InputError with every finding if it cannot be accepted.

    `overrides` are texts `a.b=value`, or a mapping of paths to plain values; `arm` is the same for an arm of
    an experiment, and gives way to `overrides`.
    """
    file = find(source)
    chain = _Chain()
    chain.read(file, str(file))
    merged, log = Block(Place(str(file))), list[Change]()
    default = _Defaults(schema)
    for layer in reversed(chain.layers):
        merged = overlay(merged, layer, log, default)
    findings = list(chain.findings)
    for given, label in ((arm, "arm"), (overrides, "--set")):
        blocks, wrong = options(given, label)
        findings.extend(wrong)
        for block in blocks:
            merged = overlay(merged, block, log, default)
    if "name" not in merged.keys:
        _name_by_file(merged, file)
    conformed = conform(merged, schema, lenient=bool(findings))
    findings.extend(conformed.findings)
    if findings or conformed.document is None:
        raise InputError(findings)
    scenario = _complete(conformed, conformed.document, file, log, chain.sources)
    found = [finding for check in (CHECKS if checks is None else checks) for finding in check(scenario)]
    if found:
        raise InputError(found)
    return scenario


def load_document(file: str | os.PathLike[str], schema: type[S]) -> tuple[S, Mapping[tuple[str, ...], Place]]:
    """A file of another kind, such as an experiment, read and refused as scenarios are, without `extends`.

    With it come the places of its values, so that what is found wrong with them later can be shown where it stands.
    """
    reading = read_file(Path(file))
    findings = list(reading.findings)
    if not isinstance(reading.root, Block):
        raise InputError(findings or Finding(file=str(file), message="not a block of keys and values"))
    conformed = conform(reading.root, schema, lenient=bool(findings))
    if findings or conformed.document is None:
        raise InputError([*findings, *conformed.findings])
    return conformed.document, conformed.places


def find(source: str | os.PathLike[str]) -> Path:
    """The file that a path or a shipped name means."""
    if isinstance(source, str) and is_plain(source):
        return shipped_file(source)
    return Path(source)


def region_folder(scenario: Scenario[Any]) -> Path:
    """The folder of the scenario's region: `data/<region>` beside its file, else in the library."""
    folder = region_at(scenario.document.region, scenario.file.parent)
    if folder is None:
        raise InputError(scenario.finding("region", "no such region", found=scenario.document.region))
    return folder


@dataclass(slots=True)
class _Chain:
    """The documents of an `extends` chain, the scenario's own first, read under its limits."""

    layers: list[Block] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    _seen: list[Path] = field(default_factory=list)

    def read(self, file: Path, shown: str, root: Path | None = None, asked: Scalar | None = None) -> None:
        """Read one file and those it extends.

        `root` is the folder that relative paths may not leave, `asked` the value that named the file.
        """
        reading = read_file(file, shown)
        if asked is not None and not reading.digest:
            reason = reading.findings[0].message
            self._refuse(asked.place, f"cannot be extended: {reason}", asked.text)
            return
        self.findings.extend(reading.findings)
        self._seen.append(_real(file))
        if reading.digest:
            self.sources.append(SourceFile(shown, reading.digest, reading.size))
        if reading.root is None:
            if not reading.findings:
                self.findings.append(Finding(file=shown, message="the file holds nothing"))
            return
        if not isinstance(reading.root, Block):
            message = "a scenario is a block of keys and values, such as `extends: baseline`"
            self.findings.append(reading.root.place.finding(message))
            return
        block = reading.root
        if sum(source.size for source in self.sources) > LARGEST_CHAIN:
            self._refuse(block.place, f"the files of the chain are larger than {LARGEST_CHAIN:,} bytes", "")
            return
        if self.layers:
            for key in WORDS_ABOUT_IT:
                block.drop(key)
        extends = block.items.get("extends")
        block.drop("extends")
        self.layers.append(block)
        if extends is not None:
            if isinstance(extends, Scalar) and extends.text:
                self._extend(extends, file, shown, root or _real(file).parent)
            else:
                self._refuse(extends.place, "extends takes one path or one name", str(extends))

    def _extend(self, extends: Scalar, file: Path, shown: str, root: Path) -> None:
        text, place = extends.text, extends.place
        if len(self._seen) >= LONGEST_CHAIN:
            self._refuse(place, f"a chain of more than {LONGEST_CHAIN} files", text)
            return
        if is_plain(text):
            target, root = library() / f"{text}.yaml", _real(library())
            if not target.is_file():
                self._no_such_name(text, place, file)
                return
            below = str(target)
        else:
            target, below = file.parent / text, str(Path(shown).parent / text)
            if Path(text).is_absolute() or not _real(target).is_relative_to(root):
                self._refuse(place, "the path leads out of the scenario's folder", text)
                return
        if _real(target) in self._seen:
            self._refuse(place, "the chain of extends goes round in a circle", text)
            return
        self.read(_real(target), below, root, extends)

    def _no_such_name(self, text: str, place: Place, file: Path) -> None:
        names = shipped()
        if (file.parent / f"{text}.yaml").is_file():
            self._refuse(place, f"a file beside this one is extended with its ending: {text}.yaml", text)
        else:
            self._refuse(place, "no shipped scenario has this name", text, ", ".join(names), nearest(text, names))

    def _refuse(self, place: Place, message: str, found: str, allowed: str = "", near: str = "") -> None:
        self.findings.append(place.finding(message, "extends", found=found, allowed=allowed, nearest=near))


def _real(path: Path) -> Path:
    """The path with links followed; one that cannot be followed is left to the reader to refuse."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _name_by_file(merged: Block, file: Path) -> None:
    if not is_plain(file.stem):
        return
    place = Place(str(file))
    merged.add("name", Scalar(file.stem, place), place)


class _Defaults:
    """What a value was before any file said so, for the log."""

    def __init__(self, schema: type[Header]) -> None:
        self._schema = schema

    def __call__(self, path: tuple[str, ...]) -> str:
        known = self._schema.model_fields.get(path[0])
        here: Any = None if known is None else plain(known.get_default(call_default_factory=True, validated_data={}))
        for key in path[1:]:
            here = here.get(key, here.get(f"{key}-01")) if isinstance(here, Mapping) else None
        return "(unset)" if here is None else shown_value(here)


def _near(place: Place) -> str:
    """A place without its folders: a document's reasons are the same on every machine."""
    return f"{Path(place.file).name}:{place.line}" if place.line else place.file


def _complete(
    conformed: Conformed[D], document: D, file: Path, log: Sequence[Change], sources: Sequence[SourceFile]
) -> Scenario[D]:
    origins, reasons = {}, {}
    for path, value, declaration in leaves(document):
        place = conformed.places.get(path)
        default = declaration.get_default(call_default_factory=True, validated_data={})
        changed = place is not None and value != default
        dotted = ".".join(path)
        origins[dotted] = DEFAULT if place is None else str(place)
        reasons[dotted] = provenance(
            _near(place) if place else DEFAULT, declared(declaration), conformed.evidence.get(path), changed
        )
    resolved = plain(document)
    return Scenario(
        document=document,
        file=file,
        resolved=resolved,
        digest=digest_of(resolved),
        origins=origins,
        provenance=reasons,
        log=tuple(change for change in log if change.path not in WORDS_ABOUT_IT),
        sources=tuple(sources),
        places=conformed.places,
    )

"""Where shipped scenarios and regions are found, from a checkout and from an installed package alike."""

from __future__ import annotations

import re
from pathlib import Path

from sim.errors import Finding, InputError
from sim.scenario.scalars import nearest
from sim.scenario.schema import PLAIN_NAME

_PLAIN = re.compile(PLAIN_NAME)


def is_plain(name: str) -> bool:
    """Whether a name may stand for a shipped thing: it then cannot be a path."""
    return _PLAIN.fullmatch(name) is not None and "\n" not in name


def library() -> Path:
    """The folder of shipped scenarios: inside the installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "library" / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> list[str]:
    """Names of the shipped scenarios, in order."""
    return sorted(file.stem for file in library().glob("*.yaml") if is_plain(file.stem))


def regions(beside: Path | None = None) -> list[str]:
    """Names of the regions beside a scenario file and in the library, in order."""
    folders = [folder / "data" for folder in (beside, library()) if folder is not None]
    return sorted({one.name for folder in folders if folder.is_dir() for one in folder.iterdir() if one.is_dir()})


def shipped_file(name: str) -> Path:
    """The file of a shipped scenario; InputError with the nearest name if there is none."""
    file = library() / f"{name}.yaml"
    if is_plain(name) and file.is_file():
        return file
    names = shipped()
    raise InputError(
        Finding(
            message="no shipped scenario has this name, and it is no path of a file",
            found=name,
            allowed=", ".join(names) or "a path",
            nearest=f"{name}.yaml" if Path(f"{name}.yaml").is_file() else nearest(name, names),
        )
    )


def region_at(name: str, beside: Path) -> Path | None:
    """The folder of a region beside a scenario file, then in the library; None if there is none."""
    folders = (beside / "data" / name, library() / "data" / name)
    return next((folder for folder in folders if is_plain(name) and folder.is_dir()), None)

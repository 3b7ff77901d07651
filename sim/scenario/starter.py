"""Writes a commented scenario to begin from."""

from __future__ import annotations

from pathlib import Path

from sim.errors import Finding, InputError, OutputError
from sim.scenario.library import is_plain

TEXT = """\
# A scenario states only what it changes; everything else comes from the one it extends.
#   jjj check {file}       says what is wrong with it, all at once
#   jjj explain {file}     tells what will happen
#   jjj diff baseline {file}
#   jjj run {file}
extends: baseline
title: A later and stronger platform, with more pressure to leave the source
question: Do more deals follow from a stronger platform even if it comes later?

# 1. A lever. `jjj describe platform` lists its parts with unit, range and source.
platform:
  date: 2018-07                # the month in which the basic platform is complete
  capacity: 600 count/month    # a unit may be written, and is then checked

# 2. A path over dates: linear between its points, level before the first and after the last.
#    These points are laid over those of baseline; `null` takes an inherited point away.
decap_pressure:
  2018: 2.0
  2022: 1.0

# 3. A number of the model, with its evidence. Without it the value counts as an assumption of yours.
border:
  penalty:
    value: 0.5
    source: assumption
    grade: assumption          # H, M, L or assumption: `jjj describe border.penalty`
    note: a weaker border, to see how much it matters

# Quick to try: a tenth of all organisations, with unchanged means per head.
# scale: 0.1
"""


def write_starter(name: str, folder: Path = Path()) -> Path:
    """The new file `<name>.yaml`; InputError if the name is not plain or the file exists."""
    if not is_plain(name):
        raise InputError(
            Finding(
                message="not a plain name for a scenario",
                found=name,
                allowed="1 to 64 of the characters a-z, 0-9 and _ (the ending .yaml is added)",
            )
        )
    file = folder / f"{name}.yaml"
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(TEXT.format(file=file))
    except FileExistsError:
        message = "there is a file of this name already, and it is left as it is"
        raise InputError(Finding(file=str(file), message=message)) from None
    except OSError as error:
        raise OutputError(f"{file}: cannot be written ({error.strerror}).") from None
    return file

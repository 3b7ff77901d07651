"""Is the map of a region a complete picture, and the same file whenever it is drawn?"""

from __future__ import annotations

import struct
from pathlib import Path

import matplotlib as mpl
import pytest

from sim.figures import region_map, style
from sim.region import load_region

DATA = Path(__file__).parents[2] / "scenarios" / "data"


def chunks(png: bytes) -> dict[str, bytes]:
    """The chunks of a PNG file by name."""
    found, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found[png[at + 4 : at + 8].decode()] = png[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def test_drawing_twice_gives_the_same_bytes_without_date_or_version(tmp_path: Path) -> None:
    region = load_region(DATA / "two_cities")
    first = region_map.draw(region, tmp_path / "first.png").read_bytes()
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9}):  # the caller's style is not ours
        second = region_map.draw(region, tmp_path / "below" / "second.png").read_bytes()
    assert first == second
    assert set(chunks(first)) <= {"IHDR", "pHYs", "IDAT", "IEND"}


@pytest.mark.parametrize("key", ["jjj", "two_cities"])
def test_nothing_is_clipped_and_the_print_size_is_a_double_column(tmp_path: Path, key: str) -> None:
    from matplotlib.image import imread

    picture = imread(region_map.draw(load_region(DATA / key), tmp_path / "map.png"))
    assert picture.shape[1] == int(style.DOUBLE_COLUMN_MM / 25.4 * style.DPI)
    for edge in (picture[:3], picture[-3:], picture[:, :3], picture[:, -3:]):
        assert (edge == 1).all()  # an untouched margin of paper


def test_callers_style_is_left_alone() -> None:
    before = dict(mpl.rcParams)
    with style.styled():
        assert mpl.rcParams["font.size"] == 7
    assert dict(mpl.rcParams) == before


def test_a_date_is_worded_by_what_it_is() -> None:
    sites = load_region(DATA / "jjj").sites
    assert region_map._opening(sites["binhai"]) == "opened Nov 2016"
    assert region_map._opening(sites["caofeidian"]) == "agreement Jul 2014"
    assert region_map._opening(sites["baodi"]) == "works began 2017"

"""Does a result give back what was written, notice any damage, and carry a map that is small and true?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely
from made_results import DATA, make, waves

from sim.errors import InputError, StoreError
from sim.experiments.store import geography
from sim.region import load_region
from sim.results import Result, open_result
from sim.results.geography import Outline, read_geography

FILES = ("manifest.json", "scenario.yaml", "series.parquet", "flows.parquet", "geography.json", "targets.json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return make(tmp_path_factory.mktemp("made"), replicates=(0, 2, 5))


def test_series_come_back_as_they_were_written(made: Result) -> None:
    series = made.series("deals")
    month, zone = np.indices((18, 4))
    for row, replicate in enumerate((0, 2, 5)):
        written = waves("deals", replicate, np.stack([month, zone]))
        assert (series[row, :, :4] == written).all()
        assert (series[row, :, -1] == written.sum(axis=1)).all()
        assert (series[row, :, made.at("UP")] == written[:, :2].sum(axis=1)).all()
    assert made.replicate_numbers == [0, 2, 5]


def test_a_window_is_reduced_as_its_metric_declares(made: Result) -> None:
    flow, stock = made.series("deals"), made.series("branches_alive")
    place = made.at("lowton")
    assert (made.window("deals", "2013-03", "2013-05", "lowton") == flow[:, 2:5, place].sum(axis=1)).all()
    assert (made.window("branches_alive", "2013-03", "2013-05", "lowton") == stock[:, 4, place]).all()


def test_arrivals_are_the_sum_of_the_rows_of_flows(made: Result) -> None:
    zones = [p["key"] for p in made.manifest["places"] if p["kind"] == "zone"]
    found = made.arrivals(["deals", "ventures"], "yuan", zones[2:], zones[:2])
    wanted = np.zeros((3, 18, 2), np.int64)
    for kind in ("deals", "ventures"):
        rows = made.flows(kind)
        for n, month, start, end, yuan in zip(
            rows["replicate"], rows["month"], rows["from"], rows["to"], rows["yuan"], strict=True
        ):
            if start in zones[:2] and end in zones[2:]:
                wanted[(0, 2, 5).index(n), month, zones.index(end) - 2] += yuan
    assert (found == wanted).all()
    assert wanted.sum() > 0
    everywhere = made.arrivals(["deals"], "count", zones)
    assert everywhere.sum() == made.flows("deals")["count"].sum()
    assert made.arrivals(["no such kind"], "count", zones).sum() == 0


def test_the_scenario_is_read_as_plain_values(made: Result) -> None:
    assert made.scenario["region"] == "two_cities"
    assert made.scenario["parks"]["harbour"]["capacity"] == 12
    assert made.scale == 1.0


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.37, 0.99])
def test_a_flipped_bit_anywhere_is_noticed(made: Result, tmp_path: Path, name: str, where: float) -> None:
    copy = shutil.copytree(made.folder, tmp_path / "copy")
    content = bytearray((copy / name).read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(StoreError, match=name):
        open_result(copy)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(made: Result, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(made.folder, tmp_path / "copy")
    (copy / name).unlink()
    with pytest.raises(StoreError, match=name):
        open_result(copy)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"format": "1"}', "\x00"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(StoreError, match=r"manifest\.json"):
        open_result(tmp_path)


def test_a_newer_format_and_an_empty_place_say_what_to_do(made: Result, tmp_path: Path) -> None:
    manifest = json.loads((made.folder / "manifest.json").read_text()) | {"format": 2}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="newer version"):
        open_result(tmp_path)
    with pytest.raises(StoreError, match="no result here") as caught:
        open_result(tmp_path / "nowhere")
    assert "jjj run" in caught.value.remedy


def test_unknown_names_are_answered_with_those_there_are(made: Result) -> None:
    with pytest.raises(InputError, match="branches_opened"):
        made.series("branches_openend")
    with pytest.raises(InputError, match="harbour"):
        made.window("deals", "2013-01", "2013-02", "nowhere")
    with pytest.raises(StoreError, match="2013-01 to 2014-06"):
        made.month("2019-01")


# ---- the map


@pytest.mark.parametrize("key", ["jjj", "two_cities"])
def test_the_map_is_small_and_keeps_areas_and_shared_borders(key: str, tmp_path: Path) -> None:
    region = load_region(DATA / key)
    content = geography(region)
    assert len(json.dumps(content, separators=(",", ":"))) < 300_000
    small = read_geography(content)
    for mine, exact in zip(small.outlines, region.outlines, strict=True):
        wanted = sum(shapely.Polygon(ring).area for ring in exact.rings)
        assert mine.area.area == pytest.approx(wanted, rel=0.005), mine.name
    zones = [zone.outline.area for zone in small.zones]
    whole = shapely.union_all(zones)
    assert sum(zone.area for zone in zones) == pytest.approx(whole.area, rel=1e-3)  # hardly any overlap
    gaps = sum(shapely.Polygon(hole).area for part in shapely.get_parts(whole) for hole in part.interiors)
    assert gaps < 1.0  # km², of all slivers together
    for zone, outline in zip(zones, region.zone_outlines, strict=True):
        exact = Outline(outline.name, outline.rings).area
        assert shapely.symmetric_difference(zone, exact).area < 0.03 * exact.area, outline.name


def test_the_map_has_the_cells_cities_and_sites_of_the_region() -> None:
    region = load_region(DATA / "jjj")
    small = read_geography(geography(region))
    assert (small.cell_zone == region.grid.zone).all()
    assert np.abs(small.cell_x - region.grid.x_km).max() < 0.01
    assert small.cells.sum() == len(region.grid)
    assert [site.key for site in small.sites_of("park")] == [
        key for key, site in region.sites.items() if site.kind == "park"
    ]
    assert [zone.prefecture for zone in small.zones] == list(region.zones.prefecture)
    assert len(small.centres) == len(region.centres)


def test_rings_inside_others_are_holes() -> None:
    ring = np.array([(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)], float)
    assert Outline("ring", (ring, ring / 4 + 10)).area.area == pytest.approx(40**2 - 10**2)
    assert Outline("two parts", (ring, ring / 4 + 100)).area.area == pytest.approx(40**2 + 10**2)

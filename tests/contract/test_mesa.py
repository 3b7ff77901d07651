"""A run is a Mesa model: each of Mesa's own interfaces works on it, changes nothing in it, and leaks nothing.

The file asks nothing of one version of Mesa; `test_mesa_versions.py` runs it on another.
"""

import copyreg
import gc
import random
import re
import subprocess
import sys
import warnings
import weakref
from pathlib import Path

import mesa
import numpy as np
import pytest

from sim.errors import InputError, RefusedError
from sim.experiments.simulate import Outcome, simulate
from sim.model import DiffusionModel, RunOverError
from sim.scenario import load, region_folder
from sim.views import AGENTS, Achievement, Branch, Enterprise, GoneError, Manufacturer, ViewError

ROOT = Path(__file__).parents[2]
MONTHS = 24
TINY = """
title: Two cities for a while
region: two_cities
end: 2014-12
populations: {branches_at_start: 200, field_shares: {other: 0.22}, absorption: {UP: [3, 4], LO: [2.5, 5]}}
research: {births: 600}
exchange: {contracts: 600}
location: {choice: {pull: {UP: 0.0, LO: 0.0}}}
parks:
  harbour: {announce: 2013-03, open: 2013-06, capacity: 60, programmes: 1.2}
  meadow: {open: 2013-09, programmes: 0.5}
platform: {site: harbour, date: 2014-06}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("scenarios") / "tiny.yaml"
    path.write_text(TINY)
    return str(path)


@pytest.fixture(scope="module")
def year(file: str) -> DiffusionModel:
    """A model in the middle of its run, which no test may step."""
    model = DiffusionModel(file)
    for _ in range(12):
        model.step()
    return model


def digest(model: DiffusionModel) -> str:
    recorder, seeds = model.recorder, (model.seed, model.replicate)
    kept = (recorder.kinds, recorder.series, recorder.moves(), recorder.histograms())
    return Outcome(*seeds, model.metrics, *kept, None, 0, 0, books=recorder.books()).digest


def simulated(file: str, **seeds: int) -> str:
    scenario = load(file)
    return simulate(scenario.document, region_folder(scenario), **seeds).digest


def global_generators() -> tuple[object, object]:
    return random.getstate(), np.random.get_state()[1].tolist()


def as_list(agents: object) -> list:
    return list(agents)  # type: ignore[call-overload]


# The model


def test_a_run_is_the_same_with_and_without_mesa(file: str) -> None:
    model = DiffusionModel(file, seed=5, replicate=2)
    model.run_model()
    assert isinstance(model, mesa.Model)
    assert digest(model) == simulated(file, seed=5, replicate=2) != simulated(file, seed=5, replicate=3)


def test_looking_changes_nothing(file: str) -> None:
    model = DiffusionModel(file)
    model.datacollector = mesa.DataCollector({"n": lambda m: len(m.agents)}, {"zone": "zone"})
    while model.running:
        model.step()
        model.agents.shuffle_do("step")
        model.agents.shuffle_do(lambda agent: (agent.pos, agent.zone, model.random.random(), model.rng.random()))
        assert sum(len(cell.agents) for cell in model.grid) > 0
        as_list(model.agents_of("achievements"))
    assert digest(model) == simulated(file)


def test_time_counts_months_and_stops_with_the_last(file: str) -> None:
    model = DiffusionModel(file, end="2013-03")
    assert (model.steps, model.time, model.date, model.running) == (0, 0, None, True)
    for month in (1, 2, 3):
        model.step()
        assert (model.steps, model.time, model.date) == (month, month, f"2013-0{month}")
        assert model.running == (month < 3)
    for _ in range(2):
        with pytest.raises(RunOverError):
            model.step()
        assert model.steps == model.time == model.world.month == 3


def test_after_a_failed_step_there_is_no_other(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(world: object) -> None:
        raise KeyboardInterrupt

    model = DiffusionModel(file)
    model.step()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("sim.model.advance", interrupted)
        model.step()
    for _ in range(2):
        with pytest.raises(RunOverError, match="build the model again"):
            model.step()
        assert model.steps == model.time == model.world.month == 1


def test_scenarios_come_in_any_form(file: str) -> None:
    scenario = load(file)
    forms = [DiffusionModel(form) for form in (file, Path(file), scenario, scenario.document)]
    assert all(model.document == scenario.document for model in forms)
    assert DiffusionModel("baseline", scale=0.01).document.region == "jjj"
    with pytest.raises(InputError, match=r"sim\.scenario\.load"):
        DiffusionModel(scenario, scale=0.1)


def test_keywords_override_parameters(file: str) -> None:
    dotted = DiffusionModel(file, **{"platform.date": None, "scale": np.float64(0.5)})  # type: ignore[arg-type]
    underscored = DiffusionModel(file, platform__date=None, scale=0.5)
    assert dotted.document == underscored.document
    assert (dotted.document.platform.date, dotted.document.scale) == (None, 0.5)
    assert len(dotted.agents_by_type[Manufacturer]) == 40
    with pytest.raises(InputError, match="scale"):
        DiffusionModel(file, scael=0.5)
    with pytest.raises(RefusedError):
        DiffusionModel(file, scale=1e9)


@pytest.mark.parametrize("wrong", [{"seed": 1.5}, {"seed": -1}, {"replicate": "x"}, {"seed": 2, "rng": 3}])
def test_a_seed_is_a_whole_number(file: str, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"seed|replicate"):
        DiffusionModel(file, **wrong)  # type: ignore[arg-type]


def test_mesas_generators_are_seeded_and_global_ones_left_alone(file: str) -> None:
    before = global_generators()
    one, same, other = (DiffusionModel(file, rng=3, replicate=r) for r in (0, 0, 1))
    one.step()
    one.agents.shuffle()
    assert global_generators() == before
    fresh = DiffusionModel(file, seed=3)
    assert same.random.random() == fresh.random.random() != other.random.random()
    assert same.rng.random() == fresh.rng.random() != other.rng.random()
    with pytest.warns(UserWarning, match="no seed was given"):
        assert DiffusionModel(file, seed=None).seed == 1


def test_series_so_far(year: DiffusionModel) -> None:
    series = year.series("branches_alive")
    assert series.shape == (12, len(year.places))
    assert (year.series("branches_alive", "ALL") == series[:, -1]).all()
    assert year.latest("branches_alive") == series[-1, -1] == len(year.agents_of("branches"))
    assert year.latest("branches_alive", "harbour") == len(
        year.agents_of("branches").select(lambda b: b.zone == "harbour")
    )
    with pytest.raises(ValueError, match="read-only"):
        series[0, 0] = 1
    with pytest.raises(InputError, match="branches_opened"):
        year.series("branch_opened")


# Agents


def test_agents_are_mesa_agents(year: DiffusionModel) -> None:
    agents = as_list(year.agents)
    assert all(isinstance(agent, mesa.Agent) for agent in agents)
    assert len({agent.unique_id for agent in agents}) == len(agents)
    world = year.world
    living = (world.origins, world.manufacturers, world.branches, world.programmes, world.ventures)
    assert len(agents) == sum(len(p) for p in (*living, world.parks, world.financiers))
    assert len(agents) == sum(len(group) for group in year.agents_by_type.values())
    assert len(year.agents_of("enterprises")) == len(year.agents_by_type[Enterprise]) == 60
    assert all(type(agent) is Branch for agent in year.agents_by_type[Branch])


def test_things_are_agents_where_they_are_asked_for(year: DiffusionModel) -> None:
    shelf = year.agents_of("achievements")
    assert len(shelf) == len(year.world.achievements) == len(year.agents_by_type[Achievement]) > 0
    assert Achievement not in list(year.agents_by_type)
    assert {a.owner.kind for a in shelf} <= {"enterprise", "institute", "university"}
    with pytest.raises(LookupError, match="branches"):
        year.agents_of("branch")


def test_agent_sets_select_group_and_aggregate(year: DiffusionModel) -> None:
    branches = year.agents_by_type[Branch]
    world = year.world
    paid = world.branches.paid[world.branches.rows]
    assert branches.agg("paid", np.sum) == paid.sum()
    assert branches.agg("paid", [min, max]) == [paid.min(), paid.max()]
    assert sorted(branches.get("paid")) == sorted(paid.tolist())
    there = year.agents.select(lambda agent: agent.zone == "harbour", agent_type=Branch)
    alive = dict(zip(year.places, year.series("branches_alive")[-1].tolist(), strict=True))
    assert len(there) == alive["harbour"] > 0
    count = branches.groupby("zone").count()
    assert count == {zone: alive[zone] for zone in count}
    assert sum(branches.groupby("zone").agg("paid", sum).values()) == paid.sum()
    assert [b.paid for b in branches.sort("paid", ascending=True)] == sorted(paid.tolist())
    assert branches.map(lambda branch: branch.zone) == branches.get("zone")


def test_every_column_can_be_read(year: DiffusionModel) -> None:
    for name, kind in AGENTS.items():
        population = year.world.populations()[kind.population]
        for agent in as_list(year.agents_of(name))[:3]:
            row = int(np.flatnonzero(population.uid == np.uint64(agent.unique_id))[0])
            for column in population.schema:
                raw = f"{column}_index" if hasattr(kind, f"{column}_index") else column
                assert getattr(agent, raw) == getattr(population, column)[row], (name, column)
                getattr(agent, column)
            if hasattr(kind, "cell"):
                assert agent.pos == agent.cell.coordinate
                assert agent in agent.cell.agents
                assert agent.cell.zone == agent.zone
            else:
                assert agent.pos is None


def test_columns_are_put_into_words(year: DiffusionModel) -> None:
    zones = {"upton_core", "upton_outer", "lowton", "harbour"}
    for branch in year.agents_of("branches"):
        assert {branch.zone, branch.origin} <= zones
        assert branch.instead in zones | {"elsewhere"}
        assert branch.field in {"software", "materials", "other"}
        assert branch.type in {"sales", "R&D", "production"}
        assert branch.motive in {"expansion", "relocation", "diverted"}
        assert branch.parent.zone == branch.origin
        assert branch.balance == year.world.ledger.balance[branch.account]
        assert (branch.park is None) == (branch.park_index < 0)
    assert [park.name for park in year.agents_of("parks")] == ["harbour", "meadow"]
    assert all(isinstance(p.industry, str) for p in year.agents_of("programmes"))


def test_an_agent_stays_the_same_object_and_reads_the_column_now(file: str) -> None:
    model = DiffusionModel(file)
    held = {agent.unique_id: agent for agent in model.agents}
    programmes = model.agents_of("programmes")
    assert len(programmes) == 0
    for _ in range(12):
        model.step()
    drawn = {p.unique_id: p.drawn for p in model.agents_of("programmes")}
    seen = as_list(model.agents_of("programmes"))
    for _ in range(6):
        model.step()
    assert [p.drawn for p in seen] != [drawn[p.unique_id] for p in seen]
    again = [agent for agent in model.agents if agent.unique_id in held]
    assert all(agent is held[agent.unique_id] for agent in again)
    branches = model.world.branches
    before = {b.unique_id: b.paid for b in model.agents_of("branches")}
    branches.permute(np.arange(branches.used)[::-1])
    assert {b.unique_id: b.paid for b in model.agents_of("branches")} == before


def test_who_is_gone_says_so(file: str) -> None:
    model = DiffusionModel(file)
    held = as_list(model.agents_of("branches"))
    kept = model.agents_of("branches")
    while model.running:
        model.step()
    gone = [branch for branch in held if not branch.alive]
    assert gone
    assert set(model.agents_of("branches")).isdisjoint(gone)
    with pytest.raises(GoneError, match=str(gone[0].unique_id)) as caught:
        _ = gone[0].paid
    assert (caught.value.kind, caught.value.uid) == ("Branch", gone[0].unique_id)
    with pytest.raises(GoneError):
        getattr(gone[0], "zone", None)  # a default hides what a kind lacks, not that it is gone
    del held, gone, caught
    gc.collect()
    assert all(branch.alive for branch in kept)


def test_nothing_can_be_written(year: DiffusionModel) -> None:
    branch = as_list(year.agents_of("branches"))[0]
    cell = branch.cell
    for write in (
        lambda: setattr(branch, "paid", 1),
        lambda: setattr(branch, "note", 1),
        lambda: setattr(branch, "pos", (0, 0)),
        lambda: setattr(branch, "cell", cell),
        lambda: delattr(branch, "model"),
        lambda: year.agents.set("paid", 1),
        lambda: year.agents.shuffle_do(lambda agent: setattr(agent, "zone", "harbour")),
        lambda: year.agents.do("remove"),
        lambda: cell.add_agent(branch),
        lambda: cell.remove_agent(branch),
        lambda: year.register_agent(branch),
    ):
        with pytest.raises(ViewError, match="only the processes of a month"):
            write()
    with pytest.raises(ValueError, match="read-only"):
        cell.branches = 9
    with pytest.raises(AttributeError):
        year.agents = []  # type: ignore[misc,assignment]
    with pytest.raises(AttributeError, match="Branch has no column 'capital'"):
        _ = branch.capital


def test_writing_raises_in_a_step_too(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = DiffusionModel(file)
    branch = as_list(model.agents)[-1]
    monkeypatch.setattr("sim.model.advance", lambda world: setattr(branch, "zone", "harbour"))
    with pytest.raises(ViewError):
        model.step()


# Mesa's tools


def test_data_collector_collects_models_agents_and_types(file: str) -> None:
    model = DiffusionModel(file, end="2013-04")
    model.datacollector = collector = mesa.DataCollector(
        model_reporters={
            "agents": lambda m: len(m.agents),
            "opened": lambda m: m.latest("branches_opened"),
            "date": "date",
        },
        agent_reporters={"zone": "zone", "balance": lambda agent: getattr(agent, "balance", None)},
        agenttype_reporters={Branch: {"paid": "paid"}, Achievement: {"owner": lambda a: a.owner.unique_id}},
    )
    model.run_model()
    frame = collector.get_model_vars_dataframe()
    assert frame["date"].tolist() == ["2013-01", "2013-02", "2013-03", "2013-04"]
    assert frame["opened"].tolist() == model.series("branches_opened", "ALL").tolist()
    assert frame["agents"].iloc[-1] == len(model.agents)
    agents = collector.get_agent_vars_dataframe()
    assert agents.notna()["zone"].all()
    assert len(agents.loc[4]) == len(model.agents)
    paid = collector.get_agenttype_vars_dataframe(Branch).loc[4]["paid"]
    assert paid.sum() == sum(model.agents_of("branches").get("paid"))
    assert len(collector.get_agenttype_vars_dataframe(Achievement).loc[4]) == len(model.world.achievements)


def test_the_model_brings_a_collector_of_all_metrics(year: DiffusionModel) -> None:
    frame = year.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(year.metrics)
    assert frame["branches_alive"].tolist() == year.series("branches_alive", "ALL").tolist()


def test_batch_run_in_one_process_and_in_two(file: str) -> None:
    parameters = {"scenario": file, "end": "2013-06", "replicate": [0, 1], "platform__date": [None, "2013-05"]}
    results = []
    for processes in (1, 2):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 3.5 gives a seed of None, and has another word for iterations
            rows = mesa.batch_run(
                DiffusionModel,
                parameters=parameters,
                iterations=2,
                number_processes=processes,
                display_progress=False,
            )
        results.append(sorted(rows, key=lambda row: row["RunId"]))
    assert results[0] == results[1]
    assert len(results[0]) == 8
    for row in results[0]:
        assert row["branches_alive"] == _alive(file, row["replicate"], row["platform__date"])
    assert len({row["branches_alive"] for row in results[0]}) > 1


def _alive(file: str, replicate: int, date: str | None) -> int:
    model = DiffusionModel(file, replicate=replicate, end="2013-06", platform__date=date)
    model.run_model()
    return model.latest("branches_alive")


def test_pages_of_mesa_are_not_given_a_scenario_of_mesas_kind(year: DiffusionModel) -> None:
    assert getattr(year, "scenario", None) is None  # SolaraViz would hand it back to us as ours
    with pytest.raises(AttributeError, match=r"model\.document"):
        _ = year.scenario


# The grid


def test_grid_has_the_cells_of_the_region(year: DiffusionModel) -> None:
    grid, land = year.grid, year.world.region.grid
    assert isinstance(grid, mesa.discrete_space.OrthogonalMooreGrid)
    assert len(grid.all_cells) == len(land)
    assert {cell.coordinate for cell in grid} == set(zip(land.col.tolist(), land.row.tolist(), strict=True))
    zones = year.world.region.zones.key
    for k in range(len(land)):
        cell = grid[int(land.col[k]), int(land.row[k])]
        assert cell.zone == zones[land.zone[k]]
        for other in cell.neighborhood:
            assert max(abs(a - b) for a, b in zip(cell.coordinate, other.coordinate, strict=True)) == 1
    assert (grid.zone_index.data >= 0).sum() == len(land)
    wide = grid[int(land.col[0]), int(land.row[0])].get_neighborhood(100, include_center=True)
    assert len(wide) == len(land)


def test_grid_knows_its_agents_and_renews_them(file: str) -> None:
    model = DiffusionModel(file)
    grid = model.grid
    for _ in range(4):
        counts = {name: len(model.agents_of(name)) for name in AGENTS if name != "financiers"}
        for name, count in counts.items():
            assert getattr(grid, name).data.sum() == count
        assert len(grid.agents) == sum(counts.values()) == sum(len(cell.agents) for cell in grid)
        full = [cell for cell in grid if cell.agents]
        assert {cell.coordinate for cell in full}.isdisjoint(c.coordinate for c in grid.empties)
        for cell in full:
            assert cell.branches == sum(type(agent) is Branch for agent in cell.agents)
            assert not cell.is_empty
        chosen = grid.select_cells(conditions={"branches": lambda count: count > 0})
        assert sum(len(grid[tuple(map(int, at))].agents) for at in chosen) >= counts["branches"]
        assert grid.empty.data.sum() == len(grid.all_cells) - len(full)
        for _ in range(5):
            model.step()
    assert model.grid is grid


# What is left behind


def test_models_die_when_they_are_let_go(file: str) -> None:
    def used() -> weakref.ref[DiffusionModel]:
        model = DiffusionModel(file)
        model.datacollector = mesa.DataCollector(agent_reporters={"zone": "zone"})
        for _ in range(3):
            model.step()
            as_list(model.agents)
            as_list(model.agents_of("achievements"))
            assert [cell.get_neighborhood(2) for cell in model.grid]
            assert [cell.neighborhood.agents for cell in model.grid]
        return weakref.ref(model)

    gc.collect()
    kinds = set(copyreg.dispatch_table)
    models = [used() for _ in range(5)]
    gc.collect()
    assert [model() for model in models] == [None] * 5
    assert set(copyreg.dispatch_table) == kinds  # where Mesa notes the cell class of each grid


ALONE = """
import sys
from sim.experiments.simulate import simulate
from sim.scenario import load, region_folder
scenario = load(sys.argv[1], {"end": "2013-02"})
simulate(scenario.document, region_folder(scenario))
assert "mesa" not in sys.modules and "sim.model" not in sys.modules
from sim.model import DiffusionModel
model = DiffusionModel(scenario)
model.run_model()
assert model.latest("branches_alive") > 0
assert "sim.views" not in sys.modules
assert len(model.agents) > 0 and "sim.views" in sys.modules
"""


def test_runs_that_ask_for_no_view_import_none(file: str) -> None:
    done = subprocess.run([sys.executable, "-c", ALONE, file], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_mesa_is_imported_in_two_files() -> None:
    importing = re.compile(r"^\s*(import|from) mesa\b", re.MULTILINE)
    found = {p.relative_to(ROOT).as_posix() for p in (ROOT / "sim").rglob("*.py") if importing.search(p.read_text())}
    assert found == {"sim/model.py", "sim/views.py"}

"""Mesa agents and a Mesa grid as windows on the columns, made when they are asked for.

A view owns nothing but an identity: each attribute is read from its column when it is asked for, so it cannot
be stale, and it cannot be written, because only the processes of a month change the state. Views never run
`mesa.Agent.__init__`: Mesa 3.3 notes the model of each agent in a dictionary of the class, and so keeps it.
"""

from __future__ import annotations

import copyreg
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

import mesa
import numpy as np
from mesa.agent import AgentSet
from mesa.discrete_space import Cell, CellCollection, OrthogonalMooreGrid

from sim.agents import (
    achievements,
    adoptions,
    agreements,
    branches,
    credits,
    developments,
    financiers,
    licences,
    manufacturers,
    origins,
    parks,
    programmes,
    technologies,
    ventures,
)
from sim.core.columns import Column, Population
from sim.errors import JJJError
from sim.world import World

ELSEWHERE = "elsewhere"

Coordinate = tuple[int, int]
Reader = Callable[[Any], Any]


class ViewError(JJJError, AttributeError):
    """An attempt to change a run through what only shows it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: agents and cells are windows on a run, which only the processes of a month change",
            remedy="To change what happens, change the scenario; keep notes in a dict by unique_id.",
        )


class GoneError(JJJError):
    """The entity of a view has left the run."""

    def __init__(self, kind: str, uid: int) -> None:
        super().__init__(f"{kind} {uid} is gone", remedy="Ask `alive` first, or ask the model for its agents.")
        self.kind = kind
        self.uid = uid


class View(mesa.Agent):
    """One entity as a Mesa agent: one read-only attribute for each column of its population.

    Columns that number something named give the name (`zone`, `field`, `type`), columns that refer to another
    entity give its view (`parent`), `cell` gives the cell of the grid; with `_index` behind it, each of them
    gives the number itself. `balance` is the money on its account.
    """

    population: ClassVar[str]

    def __init_subclass__(cls, of: str = "", columns: Mapping[str, Column] | None = None, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if columns is None:
            return
        cls.population = of
        for name, column in columns.items():
            word = _word(of, name, column)
            if word is None:
                setattr(cls, name, property(_raw(name), doc=f"{column.doc} ({column.unit})"))
            else:
                setattr(cls, name, property(word, doc=column.doc))
                setattr(cls, f"{name}_index", property(_raw(name), doc=f"{column.doc}, as its number"))

    def __init__(self, windows: Windows, uid: int, row: int) -> None:
        self.__dict__.update(model=windows.model, unique_id=uid, _windows=windows, _row=row)

    @property
    def uid(self) -> int:
        """Identity: never used again within its population."""
        return int(self.unique_id)

    @property
    def alive(self) -> bool:
        """Whether it still exists; the one column that can be read when it does not."""
        return self._place() >= 0

    @property
    def pos(self) -> Coordinate | None:  # type: ignore[override]  # Mesa's is written by its spaces
        """Column and row of its cell, or None where a kind has no place."""
        return self._windows.coordinates[self.cell_index] if hasattr(type(self), "cell_index") else None

    @property
    def balance(self) -> int:
        """Money on its account, in yuan."""
        return int(self._windows.world.ledger.balance[self.account])

    def remove(self) -> None:
        """ViewError: only the processes of a month remove anybody."""
        raise ViewError(f"{self!r} cannot be removed")

    def __setattr__(self, name: str, value: object) -> None:
        raise ViewError(f"{self!r}.{name} cannot be written")

    def __delattr__(self, name: str) -> None:
        raise ViewError(f"{self!r}.{name} cannot be deleted")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no column {name!r}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.unique_id}>"

    def _place(self) -> int:
        """The row where it lives now, or -1."""
        population, uid, row = self._windows.population(self.population), self.unique_id, self._row
        if row < population.used and population.uid[row] == uid and population.alive[row]:
            return int(row)
        found = np.flatnonzero((population.uid == np.uint64(uid)) & population.alive)
        self.__dict__["_row"] = int(found[0]) if found.size else row
        return int(found[0]) if found.size else -1

    def _read(self, column: str) -> Any:
        row = self._place()
        if row < 0:
            raise GoneError(type(self).__name__, self.unique_id)
        return getattr(self._windows.population(self.population), column)[row].item()


def _raw(column: str) -> Reader:
    return lambda view: view._read(column)


def _word(of: str, name: str, column: Column) -> Reader | None:
    """How a column is put into words; None where its value says enough."""
    if column.refers not in (None, "accounts"):
        refers = column.refers
        return lambda view: view._windows.at(refers, view._read(name))
    if name == "cell":
        return lambda view: view._windows.grid[view.pos]
    listed = _LISTS.get(f"{of}.{name}", _LISTS.get(name))
    if listed is not None:
        return lambda view: listed(view._windows.world)[view._read(name)]
    return None


def _zone_names(world: World) -> tuple[str, ...]:
    """Keys of the zones; both -1 and their number stand for a place outside the region."""
    return (*world.region.zones.key, ELSEWHERE)


_LISTS: Mapping[str, Callable[[World], tuple[str, ...]]] = {
    "zone": _zone_names,
    "origin": _zone_names,
    "instead": _zone_names,
    "field": lambda world: tuple(f.key for f in world.region.fields),
    "industry": lambda world: world.scenario.location.programme.industries,
    "origins.kind": lambda world: origins.KINDS,
    "financiers.kind": lambda world: financiers.KINDS,
    "type": lambda world: branches.TYPES,
    "motive": lambda world: branches.MOTIVES,
}


class Origin(View, of="origins", columns=origins.COLUMNS):
    """An organisation that finds, sells or founds things."""


class Enterprise(Origin):
    """An enterprise of the source."""


class Institute(Origin):
    """A research institute."""


class University(Origin):
    """A university."""


class Manufacturer(View, of="manufacturers", columns=manufacturers.COLUMNS):
    """A manufacturer: who may buy."""


class Branch(View, of="branches", columns=branches.COLUMNS):
    """A branch or subsidiary of an enterprise."""


class Programme(View, of="programmes", columns=programmes.COLUMNS):
    """A programme in a park."""


class Venture(View, of="ventures", columns=ventures.COLUMNS):
    """A venture of researchers."""


class Park(View, of="parks", columns=parks.COLUMNS):
    """A park of the chain."""

    @property
    def name(self) -> str:
        """The key of its site."""
        return str(self._windows.world.park_names[self.rank])


class Financier(View, of="financiers", columns=financiers.COLUMNS):
    """A bank, venture fund, insurer, lessor or member of the alliance."""


class Achievement(View, of="achievements", columns=achievements.COLUMNS):
    """An achievement on the shelf that may yet be used: a thing, shown when it is asked for by name."""


class Agreement(View, of="agreements", columns=agreements.COLUMNS):
    """A deal that waits for its money: a contract, shown when it is asked for by name."""


class Credit(View, of="credits", columns=credits.COLUMNS):
    """A running debt: a contract, shown when it is asked for by name."""


class Licence(View, of="licences", columns=licences.COLUMNS):
    """A licence that is being paid: a contract, shown when it is asked for by name."""


class Development(View, of="developments", columns=developments.COLUMNS):
    """A bought achievement that is being developed: a thing."""


class Technology(View, of="technologies", columns=technologies.COLUMNS):
    """A development that succeeded: a thing."""


class Adoption(View, of="adoptions", columns=adoptions.COLUMNS):
    """A manufacturer's wish for a technology that it has still to pay for: a thing."""


ORIGINS = (Enterprise, Institute, University)  # in the order of the column `kind`

AGENTS: Mapping[str, type[View]] = {
    "enterprises": Enterprise,
    "institutes": Institute,
    "universities": University,
    "manufacturers": Manufacturer,
    "branches": Branch,
    "programmes": Programme,
    "ventures": Venture,
    "parks": Park,
    "financiers": Financier,
}
"Who acts: these are `model.agents`."

THINGS: Mapping[str, type[View]] = {
    "achievements": Achievement,
    "licences": Licence,
    "credits": Credit,
    "developments": Development,
    "technologies": Technology,
    "adoptions": Adoption,
    "agreements": Agreement,
}
"What is acted upon: many, short-lived, and agents of a model only where they are asked for by name or type."

LOCATED = tuple(name for name, kind in AGENTS.items() if hasattr(kind, "cell_index"))


class _ByType(dict[type[mesa.Agent], AgentSet]):
    """Agents by type; the things answer to their type too, without being listed."""

    def __init__(self, windows: Windows) -> None:
        super().__init__({kind: windows.of(name) for name, kind in AGENTS.items()})
        self._windows = windows

    def __missing__(self, kind: type[mesa.Agent]) -> AgentSet:
        for name, known in THINGS.items():
            if known is kind:
                return self._windows.of(name)
        raise KeyError(kind)


class Windows:
    """All views of one model: an entity keeps its view while it lives, sets are renewed each month."""

    types: ClassVar[tuple[type[View], ...]] = (*AGENTS.values(), *THINGS.values())

    def __init__(self, model: mesa.Model, world: World) -> None:
        self.model = model
        self.world = world
        self._views: dict[str, dict[int, View]] = {}
        self._seen: dict[str, int] = {}
        self._sets: dict[str, AgentSet] = {}
        self._sets_of = world.month

    def population(self, name: str) -> Population:
        """The columns of a population."""
        population: Population = getattr(self.world, name)
        return population

    def all_of(self, population: str) -> dict[int, View]:
        """Views of the living by uid, in the order of their rows."""
        if self._seen.get(population) != self.world.month:
            columns = self.population(population)
            rows = columns.rows
            types = (
                [ORIGINS[kind] for kind in columns.kind[rows]]
                if population == "origins"
                else [_TYPE_OF[population]] * rows.size
            )
            known = self._views.get(population, {})
            self._views[population] = {
                uid: known.get(uid) or kind(self, uid, row)
                for kind, uid, row in zip(types, columns.uid[rows].tolist(), rows.tolist(), strict=True)
            }
            self._seen[population] = self.world.month
        return self._views[population]

    def at(self, population: str, row: int) -> View | None:
        """The view of the entity in a row; None for -1 and for a row whose entity is gone."""
        columns = self.population(population)
        return self.all_of(population).get(int(columns.uid[row])) if row >= 0 and columns.alive[row] else None

    def of(self, name: str) -> AgentSet:
        """All agents, or things, of one name: "branches"."""
        kind = AGENTS.get(name) or THINGS.get(name)
        if kind is None:
            known = ", ".join((*AGENTS, *THINGS))
            raise LookupError(f"there are no agents called {name!r}; there are {known}")
        return self._set(name, lambda: (v for v in self.all_of(kind.population).values() if type(v) is kind))

    @property
    def agents(self) -> AgentSet:
        """All agents of all kinds."""
        return self._set("", lambda: (view for name in AGENTS for view in self.of(name)))

    @property
    def by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """Agents by the class of their views."""
        return _ByType(self)

    @cached_property
    def coordinates(self) -> list[Coordinate]:
        """Column and row of each cell of the region."""
        grid = self.world.region.grid
        return list(zip(grid.col.tolist(), grid.row.tolist(), strict=True))

    @cached_property
    def grid(self) -> RegionGrid:
        """The cells of the region, made when first asked for."""
        return RegionGrid(self)

    def renew(self) -> None:
        """After a month: forget those who are gone, and show the month on the grid if there is one."""
        for population in self._views:
            self.all_of(population)
        if "grid" in self.__dict__:
            self.grid.renew()

    def _set(self, name: str, members: Callable[[], Iterator[mesa.Agent]]) -> AgentSet:
        if self._sets_of != self.world.month:
            self._sets.clear()
            self._sets_of = self.world.month
        if name not in self._sets:
            self._sets[name] = AgentSet(members(), random=self.model.random)
        return self._sets[name]


_TYPE_OF = {kind.population: kind for kind in (*AGENTS.values(), *THINGS.values())}


class RegionCell(Cell):
    """A cell that asks who stands on it, instead of keeping a list."""

    space: RegionGrid | None = None
    zone_index: int

    @property
    def zone(self) -> str:
        """Key of its zone."""
        return "" if self.space is None else _zone_names(self.space.windows.world)[self.zone_index]

    @property  # type: ignore[override]  # Mesa keeps a list here
    def _agents(self) -> list[View]:
        return [] if self.space is None else self.space.occupants(self.coordinate)

    @_agents.setter
    def _agents(self, agents: list[View]) -> None:
        """Mesa begins each cell with an empty list; there is nothing to keep it in."""

    def add_agent(self, agent: mesa.Agent) -> None:
        """ViewError: agents stand where the run puts them."""
        raise ViewError(f"cell {self.coordinate} takes no agent")

    def remove_agent(self, agent: mesa.Agent) -> None:
        """ViewError: agents stand where the run puts them."""
        raise ViewError(f"cell {self.coordinate} gives no agent away")

    # Mesa keeps neighbourhoods in a cache of the class, which would keep cells, and so models, alive.

    @property
    def neighborhood(self) -> CellCollection[Cell]:
        """Cells one step away."""
        return self.get_neighborhood()

    def get_neighborhood(  # type: ignore[override]  # Mesa's is wrapped in that cache
        self, radius: int = 1, include_center: bool = False
    ) -> CellCollection[Cell]:
        """Cells within `radius` steps over land."""
        if radius < 1:
            raise ValueError("radius must be at least 1")
        near: dict[Cell, None] = {self: None}
        edge: list[Cell] = [self]
        for _ in range(radius):
            edge = [other for cell in edge for other in cell.connections.values() if other not in near]
            edge = list(dict.fromkeys(edge))
            near.update(dict.fromkeys(edge))
        if not include_center:
            del near[self]
        return CellCollection({cell: cell._agents for cell in near}, random=self.random)

    def _clear_cache(self) -> None:
        """There is no cache."""


class RegionGrid(OrthogonalMooreGrid[RegionCell]):
    """The land of the region as a Mesa grid: `grid[column, row]` is a cell, with its agents and its counts.

    Only land cells exist. Property layers, indexed [column, row]: `zone_index` (-1 off the land) and the
    number of agents of each kind that has a place; they are renewed after each month and cannot be written.
    """

    def __init__(self, windows: Windows) -> None:
        land = windows.world.region.grid
        height, width = land.shape
        super().__init__((width, height), random=windows.model.random, cell_klass=RegionCell)
        # Mesa notes the cell class of each grid for ever, to pickle cells; a grid's life is long enough.
        weakref.finalize(self, copyreg.dispatch_table.pop, self.cell_klass, None)
        self.windows = windows
        self._at = (land.col, land.row)
        self._occupied: dict[tuple[int, ...], list[View]] = {}
        self._occupied_in = -1
        on_land = set(windows.coordinates)
        for coordinate, cell in list(self._cells.items()):
            if coordinate in on_land:
                cell.space = self
            else:
                self.remove_cell(cell)
        self._celllist = list(self._cells.values())  # Mesa 3.5 draws cells from it
        self.create_property_layer("zone_index", default_value=-1, dtype=int)
        for name in LOCATED:
            self.create_property_layer(name, default_value=0, dtype=int)
        self._show("zone_index", land.zone)
        self.renew()

    @property
    def all_cells(self) -> CellCollection[RegionCell]:
        """All cells with the agents of this month."""
        return CellCollection({cell: cell._agents for cell in self._cells.values()}, random=self.random)

    def occupants(self, coordinate: tuple[int, ...]) -> list[View]:
        """The agents of a cell this month."""
        world = self.windows.world
        if self._occupied_in != world.month:
            self._occupied = {}
            for population in dict.fromkeys(AGENTS[name].population for name in LOCATED):
                columns = self.windows.population(population)
                views = self.windows.all_of(population).values()
                for view, cell in zip(views, columns.cell[columns.rows].tolist(), strict=True):
                    self._occupied.setdefault(self.windows.coordinates[cell], []).append(view)
            self._occupied_in = world.month
        return self._occupied.get(coordinate, [])

    def renew(self) -> None:
        """Count the agents of this month in each cell."""
        total = np.zeros(len(self.windows.coordinates), np.int64)
        for name in LOCATED:
            columns = self.windows.population(AGENTS[name].population)
            rows = columns.rows
            if AGENTS[name] in ORIGINS:
                rows = rows[columns.kind[rows] == ORIGINS.index(AGENTS[name])]
            count = np.bincount(columns.cell[rows], minlength=total.size)
            self._show(name, count)
            total += count
        self._show("empty", total == 0)

    def _show(self, layer: str, values: Any) -> None:
        data = self._mesa_property_layers[layer].data
        data.setflags(write=True)
        data[...] = -1 if layer == "zone_index" else 0
        data[self._at] = values
        data.setflags(write=False)

"""A run as a Mesa model: what Mesa's tools, notebooks and pages hold in their hands.

`model.agents`, `model.grid` and their like are made by `sim.views` when they are first asked for. Mesa's own
generators `model.random` and `model.rng` are seeded and decide nothing here: what a user draws from them can
be repeated, but two policies do not share it, as they share the keyed draws of the simulation.

Importing Mesa 3.3, and `batch_run` of 3.5, make "spawn" the way in which this process starts others. It is
left so, because Mesa's `batch_run` counts on it; nothing here does, and `sim.experiments` never imports Mesa.
"""

from __future__ import annotations

import os
import warnings
from functools import cached_property, partial
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agent import AgentSet
from numpy.typing import NDArray

from sim.build import build
from sim.errors import Finding, InputError, JJJError
from sim.metrics.recorder import Recorder, metrics_of, places_of
from sim.month import advance
from sim.scenario import Scenario, library, load, refuse_if_impossible, region_folder
from sim.scenario.library import region_at, regions
from sim.scenario.scalars import nearest
from sim.scenario.schema import ScenarioDocument

if TYPE_CHECKING:
    from sim.views import RegionGrid, Windows

FIRST_SEED = 1


class RunOverError(JJJError):
    """A step that cannot be made: after the last month, or after a step that failed."""


class DiffusionModel(mesa.Model):
    """One replicate of a scenario.

    `scenario` is a shipped name, the path of a file, or what `sim.scenario.load` returned; a bare document
    finds its region in the library. Other keywords override parameters, with dots or double underscores
    between the keys: `scale=0.1`, `platform__date=None`, `**{"platform.date": None}`.

    `seed`, or Mesa's word for it, `rng`, is a whole number. Replicates of one seed differ by `replicate`:
    vary that in `mesa.batch_run`, whose `iterations` repeat the same run. After each month `datacollector`
    collects; it begins with each metric for the whole region, and may be replaced.
    """

    def __init__(
        self,
        scenario: str | os.PathLike[str] | Scenario | ScenarioDocument = "baseline",
        seed: int | None = FIRST_SEED,
        replicate: int = 0,
        *,
        rng: int | None = None,
        **overrides: object,
    ) -> None:
        self.seed = _seed(seed, rng)
        self.replicate = _whole("replicate", replicate)
        super().__init__(rng=[self.seed, self.replicate])
        self._mesa_step, self.step = self.step, self._step_or_refuse  # type: ignore[method-assign]
        self.time = 0.0
        self.document, folder = _resolved(scenario, overrides)
        self.world = build(self.document, folder, self.seed, self.replicate)
        self._whole = True
        self.recorder = Recorder(self.world, metrics_of(self.world.region))
        self.metrics = tuple(metric.name for metric in self.recorder.metrics)
        self.places = places_of(self.world.region)
        reporters = {name: partial(_latest, name=name) for name in self.metrics}
        self.datacollector: Any = mesa.DataCollector(reporters)  # type: ignore[no-untyped-call]

    def step(self) -> None:
        """Simulate one month."""
        month, months = self.world.month, self.world.clock.months
        if month >= months:
            raise RunOverError(f"the run ended with {self.date}, the last month of its scenario")
        if not self._whole:
            raise RunOverError("a month was left half-way; build the model again")
        self._whole = False
        advance(self.world)
        self.recorder.record(self.world, month)
        self._whole = True
        self.steps, self.time = month + 1, month + 1.0  # Mesa 3.3 keeps no time
        if month + 1 == months:
            self.running = False
        if "windows" in self.__dict__:
            self.windows.renew()
        self.datacollector.collect(self)

    def _step_or_refuse(self) -> None:
        """Mesa counts steps that fail, and after one Mesa 3.5 makes no more, without a word."""
        month = self.world.month
        try:
            self._mesa_step()
        finally:
            self.steps, self.time = self.world.month, float(self.world.month)
        if self.world.month == month:
            raise RunOverError("a step failed before, and Mesa makes none after it; build the model again")

    @property
    def date(self) -> str | None:
        """The month simulated last, "YYYY-MM"; None before the first."""
        return self.world.clock.label(self.world.month - 1) if self.world.month else None

    def series(self, metric: str, place: str | None = None) -> NDArray[np.int64]:
        """A metric so far as [month, place], in the order of `places`; as [month] where a place is named."""
        values = self.recorder.series[_position("metric", metric, self.metrics), : self.world.month]
        if place is not None:
            values = values[:, _position("place", place, self.places)]
        values = values.view()
        values.setflags(write=False)
        return values

    def latest(self, metric: str, place: str | None = None) -> int:
        """A metric in the month simulated last, in the whole region unless a place is named."""
        series = self.series(metric, self.places[-1] if place is None else place)
        if not series.size:
            raise InputError(Finding(message="no month has been simulated yet", path=metric))
        return int(series[-1])

    @cached_property
    def windows(self) -> Windows:
        """What makes the views; the first to ask for it imports them."""
        from sim.views import Windows

        return Windows(self, self.world)

    @property  # type: ignore[misc]  # Mesa's has a setter, which only raises
    def agents(self) -> AgentSet:
        """All organisations, branches, programmes, ventures, parks and financiers, as agents."""
        return self.windows.agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """The agents by class; achievements and licences answer to theirs without being listed."""
        return self.windows.by_type

    @property
    def agent_types(self) -> list[type]:
        """Every class that `agents_by_type` answers to."""
        return list(self.windows.types)

    def agents_of(self, name: str) -> AgentSet:
        """The agents of one kind, such as "branches", or the things "achievements" and "licences"."""
        return self.windows.of(name)

    @property
    def grid(self) -> RegionGrid:
        """The land as a Mesa grid."""
        return self.windows.grid

    def register_agent(self, agent: mesa.Agent) -> None:
        from sim.views import ViewError

        raise ViewError(f"a {type(agent).__name__} cannot join")

    @property
    def scenario(self) -> Any:
        raise AttributeError(
            "the scenario of this run is `model.document`; Mesa's own kind is not used", name="scenario"
        )

    @scenario.setter
    def scenario(self, scenario: object) -> None:
        """Mesa 3.5 gives each model a scenario of its own kind, which its pages would hand back as ours."""


def _latest(model: DiffusionModel, name: str) -> int:
    return model.latest(name)


def _position(what: str, name: str, known: tuple[str, ...]) -> int:
    if name in known:
        return known.index(name)
    raise InputError(
        Finding(message=f"no such {what}", found=name, allowed=", ".join(known), nearest=nearest(name, known))
    )


def _seed(seed: int | None, rng: int | None) -> int:
    if rng is not None and seed not in (None, FIRST_SEED, rng):
        raise InputError(Finding(path="seed", message="seed and rng are two words for one thing: give one of them"))
    given = seed if rng is None else rng
    if given is None:
        text = f"no seed was given, so it is {FIRST_SEED} each time; vary `replicate`, or give a seed"
        warnings.warn(text, UserWarning, stacklevel=3)
        return FIRST_SEED
    return _whole("seed", given)


def _whole(what: str, value: object) -> int:
    try:
        number = index(value)  # type: ignore[arg-type]  # refuses all that is not a whole number
    except TypeError:
        number = -1
    if number < 0:
        raise InputError(
            Finding(path=what, message="not a whole number", found=str(value), allowed="a whole number from 0")
        )
    return number


def _resolved(
    scenario: str | os.PathLike[str] | Scenario | ScenarioDocument, overrides: dict[str, object]
) -> tuple[ScenarioDocument, Path]:
    """The document and the folder of its region."""
    if isinstance(scenario, Scenario | ScenarioDocument):
        if overrides:
            message = "a scenario that is read already takes no parameters: give them to sim.scenario.load"
            raise InputError([Finding(path=key, message=message) for key in overrides])
    else:
        scenario = load(scenario, {key.replace("__", "."): _plain(value) for key, value in overrides.items()})
    if isinstance(scenario, Scenario):
        refuse_if_impossible(scenario)
        return scenario.document, region_folder(scenario)
    folder = region_at(scenario.region, library())
    if folder is None:
        raise InputError(
            Finding(path="region", message="no such region", found=scenario.region, allowed=", ".join(regions()))
        )
    return scenario, folder


def _plain(value: object) -> object:
    """Numbers of NumPy, as designs of experiments hold them, as numbers of Python."""
    return value.item() if isinstance(value, np.generic) else value

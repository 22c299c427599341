"""Plans of many problems by many planners, and what their actions are worth."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from machine import finish
from rich.console import Console
from rich.progress import track
from torch import Tensor

from vjepa2_models import bundled_checkpoint, fast_dtype, load_world_model
from vjepa2_planner import Plan, WorldModel, preset
from vjepa2_sim.planning_problems import draw_problems


@dataclass(frozen=True, eq=False)
class Posed:
    """A problem as a planner takes it: latents, and states [1, 7] on the CPU."""

    context: Any
    states: Tensor
    goal: Any


class Problems(Protocol):
    """Where problems come from, and the models that plan and judge."""

    about: str
    world_model: WorldModel[Any]

    @property
    def device(self) -> torch.device: ...
    def __iter__(self) -> Iterator[Posed]: ...
    def __len__(self) -> int: ...
    def judged(self, number: int, actions: Tensor) -> float | None:
        """Energy of actions [H, 7] in a float32 model; None where there is none."""


class SimulatedProblems:
    """Reach problems of unseen seeds; planned in the fast precision, judged in float32."""

    def __init__(self, model: str, seeds: Sequence[int]) -> None:
        checkpoint = bundled_checkpoint() if model == "bundled" else model
        self.world_model: Any = load_world_model(checkpoint, dtype=fast_dtype())
        self._judge = load_world_model(checkpoint)
        size = self._judge.dimensions.img_size
        problems = draw_problems(seeds, size)
        self._posed = [self._pose(self.world_model, problem) for problem in problems]
        self._in_float32 = [self._pose(self._judge, problem) for problem in problems]
        self.about = (
            f"{model}, planned in {str(fast_dtype()).removeprefix('torch.')}, judged in float32"
        )

    @property
    def device(self) -> torch.device:
        return self._judge.device

    def __iter__(self) -> Iterator[Posed]:
        return iter(self._posed)

    def __len__(self) -> int:
        return len(self._posed)

    def judged(self, number: int, actions: Tensor) -> float | None:
        """See :class:`Problems`."""
        posed = self._in_float32[number]
        energies = self._judge.energies(posed.context, posed.states, posed.goal, actions[None])
        return float(energies[0])

    @staticmethod
    def _pose(model: Any, problem: Any) -> Posed:
        state = torch.as_tensor(problem.state[None], dtype=torch.float32)
        return Posed(model.encode(problem.view[None]), state, model.encode(problem.goal[None]))


def plan_all(problems: Problems, presets: Sequence[str], console: Console) -> list[dict[str, Any]]:
    """A row for each preset: medians over the problems, and the curves of its refinements."""
    plans: dict[str, list[Plan]] = {name: [] for name in presets}
    for posed in track(list(problems), "problems", console=console):
        # Preset after preset on each problem, so that a machine that slows down slows all alike.
        for name in presets:
            plans[name].append(planned(name, problems, posed))
    rows = [row(name, plans[name], problems) for name in presets]
    if reference := next((r for r in rows if r["preset"] == "paper"), None):
        for entry in rows:
            entry["evaluations_of_paper"] = entry["evaluations"] / reference["evaluations"]
            entry["seconds_of_paper"] = entry["seconds_median"] / reference["seconds_median"]
    return rows


def planned(name: str, problems: Problems, posed: Posed) -> Plan:
    """One plan; the first of each preset on a GPU is preceded by one that warms up."""
    planner = preset(name).planner(seed=1)
    plan = planner.plan(problems.world_model, posed.context, posed.states, posed.goal)
    finish(problems.device)
    return plan


def row(name: str, plans: Sequence[Plan], problems: Problems) -> dict[str, Any]:
    """Figures of one preset."""
    judged = [problems.judged(number, plan.actions) for number, plan in enumerate(plans)]
    energies = [j if j is not None else p.energy for j, p in zip(judged, plans, strict=True)]
    seconds = sorted(plan.seconds for plan in plans)
    return {
        "preset": name,
        "horizon": len(plans[0].actions),
        "evaluations": statistics.median(plan.evaluations for plan in plans),
        "seconds_median": statistics.median(seconds),
        "seconds_p95": seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))],
        "energy_median": statistics.median(energies),
        "energy_mean": statistics.fmean(energies),
        "energies": energies,
        "curve": curve(plans),
    }


def curve(plans: Sequence[Plan]) -> list[tuple[float, float]]:
    """Median of the best energy seen so far, against evaluations, refinement by refinement."""
    points = []
    for number in range(min(len(plan.trace) for plan in plans)):
        best = [min(r.best_energy for r in plan.trace[: number + 1]) for plan in plans]
        spent = statistics.median(plan.trace[number].evaluations for plan in plans)
        points.append((spent, statistics.median(best)))
    return points

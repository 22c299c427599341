"""Plans computed again from what was recorded, by the parts that computed them first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vjepa2_models.objective import Objective
from vjepa2_monitor.recorded_run import RecordedPlan
from vjepa2_msgs.msg import Goal, PlanTrace
from vjepa2_node.stamps import to_seconds
from vjepa2_planner import Plan, Preset, Refinement, identical, replay
from vjepa2_planner.calibration.rotated_planner import turned
from vjepa2_planning.planner_parameters import preset_from
from vjepa2_planning.pursuit_model import PursuitModel
from vjepa2_world_model.latents import LatentId
from vjepa2_world_model.open_model import open_model
from vjepa2_world_model.world_model_service import WorldModelService

IDENTICAL, DIFFERENT, UNKNOWN = "identical", "different", "unknown"
LATENTS = 64


@dataclass(frozen=True)
class Verdict:
    """What became of one plan. energy: of it, as recorded. reason: empty where it is identical."""

    pursuit: int
    index: int
    seed: int
    energy: float
    verdict: str
    reason: str = ""


class PlanReplay:
    """Opens world models as they are needed; the last one is kept.

    model: in place of the recorded one, where its file lies elsewhere now; empty: the recorded.
    """

    def __init__(self, model: str = "") -> None:
        self._model = model
        self._opened: tuple[tuple[Any, ...], WorldModelService] | None = None

    def verdict(self, plan: RecordedPlan) -> Verdict:
        """Whether the same plan comes out, to the last bit."""
        trace = plan.step.plan

        def told(verdict: str, reason: str = "") -> Verdict:
            index = int(plan.step.index)
            return Verdict(plan.pursuit, index, trace.seed, trace.energy, verdict, reason)

        if lacking := _lacking(plan):
            return told(UNKNOWN, f"not recorded: {', '.join(lacking)}")
        try:
            energy, again = self._again(plan)
        except Exception as error:
            return told(UNKNOWN, f"{type(error).__name__}: {error}")
        if energy != plan.step.energy:
            reason = f"the view's energy is {energy:.9g} and was {plan.step.energy:.9g}"
            return told(DIFFERENT, f"{reason}: another world model, or another machine?")
        if not identical(plan_of(trace), again):
            return told(DIFFERENT, _difference(plan_of(trace), again))
        return told(IDENTICAL)

    def _again(self, plan: RecordedPlan) -> tuple[float, Plan]:
        """Energy of the view, and the plan."""
        assert plan.planner is not None and plan.world_model is not None
        service = self._service(plan.world_model)
        stamp = to_seconds(plan.frame.header.stamp)
        service.show(plan.frame, stamp)
        goal = service.encode_goal(plan.goal or Goal())
        view = service.view(goal, stamp - 1.0, 0.0)
        preset = preset_from(plan.planner)
        again = _planned(plan, preset, service, view.latent, goal)
        return view.energy, again

    def _service(self, parameters: Mapping[str, Any]) -> WorldModelService:
        asked = {**parameters, **({"model": self._model} if self._model else {})}
        key = tuple(sorted(asked.items()))
        if self._opened is None or self._opened[0] != key:
            if asked["torch_threads"]:
                torch.set_num_threads(asked["torch_threads"])
            objective = Objective(asked["distance"], asked["sum_over_horizon"])
            opened = open_model(
                asked["model"], asked["device"], asked["dtype"], objective, asked["compile"]
            )
            service = WorldModelService(clock=lambda: 0.0)
            service.load(opened, LATENTS)
            service.start()
            self._opened = key, service
        return self._opened[1]


def plan_of(trace: PlanTrace) -> Plan:
    """The plan that a message was made of."""
    refinements = tuple(
        Refinement(
            _actions(r.mean),
            _actions(r.std),
            tuple(r.elite_energies),
            r.finite,
            r.evaluations,
            r.seconds,
        )
        for r in trace.refinements
    )
    return Plan(
        _actions(trace.actions),
        trace.energy,
        trace.hold_energy,
        refinements,
        trace.seconds,
        trace.seed,
        trace.evaluations,
        trace.complete,
        _actions(trace.first_mean),
    )


def _planned(
    plan: RecordedPlan,
    preset: Preset,
    service: WorldModelService,
    view: LatentId,
    goal: LatentId,
) -> Plan:
    model = PursuitModel(service, lambda: False)
    states = torch.as_tensor(np.array(plan.step.state)[None], dtype=torch.float32)
    # The recorded first mean is that of the planner inside, before any rotation.
    again = replay(plan_of(plan.step.plan), preset.planner(), model, view, states, goal)
    if (plan.rotation == np.eye(2)).all():
        return again
    actions = preset.constraint.project(turned(again.actions, plan.rotation))
    return replace(again, actions=actions)


def _actions(numbers: Any) -> Tensor:
    return torch.from_numpy(np.array(numbers, dtype=np.float32).reshape(-1, 7))


def _lacking(plan: RecordedPlan) -> list[str]:
    parts = {
        "the frame that it was made from": plan.frame,
        "its goal": plan.goal,
        "the planner's parameters": plan.planner,
        "the world model's parameters": plan.world_model,
    }
    return [name for name, part in parts.items() if part is None]


def _difference(recorded: Plan, again: Plan) -> str:
    """The first thing in which two plans differ."""
    if len(recorded.trace) != len(again.trace):
        return f"{len(again.trace)} refinements, and there were {len(recorded.trace)}"
    for number, (one, other) in enumerate(zip(recorded.trace, again.trace, strict=True), 1):
        if one.elite_energies != other.elite_energies or not torch.equal(one.mean, other.mean):
            return (
                f"refinement {number} differs: best energy {other.best_energy:.9g}, and it was "
                f"{one.best_energy:.9g}"
            )
    off = float((recorded.actions - again.actions).abs().max())
    return f"the actions differ by up to {off:.3g}" if off and math.isfinite(off) else "it differs"

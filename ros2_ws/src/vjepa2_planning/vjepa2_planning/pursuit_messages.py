"""Steps and endings of a pursuit as messages."""

from __future__ import annotations

import array

from std_msgs.msg import Header
from torch import Tensor

from vjepa2_msgs.msg import LatentId as LatentIdMessage
from vjepa2_msgs.msg import MotionCode as MotionCodeMessage
from vjepa2_msgs.msg import Outcome as OutcomeMessage
from vjepa2_msgs.msg import PlanTrace, PursuitStep
from vjepa2_msgs.msg import Refinement as RefinementMessage
from vjepa2_node.stamps import to_time
from vjepa2_planner import Constraint, Ending, Outcome, Plan, Refinement, Step
from vjepa2_planner.constraints import at_bound
from vjepa2_planning.bridge_arm import Motion
from vjepa2_world_model.latents import LatentId


def outcome_message(outcome: Outcome, message: str, detail: int | None = None) -> OutcomeMessage:
    """An outcome with its detail, -1 where there is none."""
    return OutcomeMessage(
        outcome=int(outcome), detail=-1 if detail is None else detail, message=message
    )


def ending_message(ending: Ending) -> OutcomeMessage:
    """How a pursuit ended."""
    return outcome_message(ending.outcome, ending.reason, ending.code)


def step_message(
    step: Step, view: LatentId, constraint: Constraint, base_frame: str
) -> PursuitStep:
    """A step; its motion must have come from the bridge."""
    assert isinstance(step.motion, Motion)
    report = step.motion.report
    return PursuitStep(
        header=Header(stamp=to_time(step.stamp), frame_id=base_frame),
        index=step.index,
        view=LatentIdMessage(session=view.session, number=view.number),
        energy=step.energy,
        state=step.state,
        action=step.action,
        at_bound=at_bound(constraint, step.plan.actions[0]),
        clipped=report.code.code == MotionCodeMessage.CLIPPED,
        motion=report,
        plan=plan_message(step.plan),
        waiting_seconds=step.timing.waiting,
        encoding_seconds=step.timing.encoding,
        planning_seconds=step.timing.planning,
        motion_seconds=step.timing.motion,
        overhead_seconds=step.timing.overhead,
    )


def plan_message(plan: Plan) -> PlanTrace:
    """A plan with its trace."""
    assert plan.seed is not None  # a pursuit's plans are seeded
    return PlanTrace(
        seed=plan.seed,
        actions=_floats(plan.actions),
        energy=plan.energy,
        hold_energy=plan.hold_energy,
        seconds=plan.seconds,
        evaluations=plan.evaluations,
        complete=plan.complete,
        first_mean=_floats(plan.first_mean),
        refinements=[_refinement_message(refinement) for refinement in plan.trace],
    )


def _refinement_message(refinement: Refinement) -> RefinementMessage:
    return RefinementMessage(
        mean=_floats(refinement.mean),
        std=_floats(refinement.std),
        best_energy=refinement.best_energy,
        elite_energies=array.array("f", refinement.elite_energies),
        finite=refinement.finite,
        evaluations=refinement.evaluations,
        seconds=refinement.seconds,
    )


def _floats(values: Tensor) -> array.array[float]:
    return array.array("f", values.contiguous().float().numpy().tobytes())

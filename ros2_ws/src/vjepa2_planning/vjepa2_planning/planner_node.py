"""The planner: pursues one goal at a time, one step of the arm after the other."""

from __future__ import annotations

import math
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle

from vjepa2_msgs.action import ExecuteDelta, PursueGoal
from vjepa2_msgs.msg import EndEffectorState, PursuitStep
from vjepa2_node import names
from vjepa2_node.commander_alive import CommanderAlive
from vjepa2_node.diagnostics import Health
from vjepa2_node.latencies import Latencies
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import EVENTS, STATES
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import now_seconds
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner import (
    Ending,
    EnergyBelow,
    FingerCheck,
    FingerSettings,
    Outcome,
    RecedingHorizon,
    Stall,
    StoppingRule,
)
from vjepa2_planning.bridge_arm import BridgeArm
from vjepa2_planning.live_observer import ArmStates, LiveObserver
from vjepa2_planning.planner_parameters import PARAMETERS, preset_from
from vjepa2_planning.pursuit_messages import ending_message, outcome_message, step_message
from vjepa2_planning.pursuit_model import PursuitModel
from vjepa2_planning.rotation_in_use import RotationInUse
from vjepa2_world_model.access import WorldModelAccess
from vjepa2_world_model.latents import LatentId
from vjepa2_world_model.remote_world_model import RemoteWorldModel

MAX_BUDGET = 1000


class PlannerNode(ManagedNode):
    """Serves `pursue_goal`.

    world_model: the one in this process; None: that of the world model node, by its services.
    """

    def __init__(self, world_model: WorldModelAccess | None = None, **options: Any) -> None:
        super().__init__("planner", PARAMETERS, preset_from, **options)
        self._world_model = world_model
        self._remote: RemoteWorldModel | None = None
        self._pursuing = threading.Lock()
        self._ending = threading.Event()
        self._cancelled: Callable[[], bool] = lambda: True
        self._states = ArmStates()
        self._rotation = RotationInUse(self)
        self._bridge = ThreadedActionClient(
            self, ExecuteDelta, names.EXECUTE_DELTA, callback_group=self.waiting
        )
        CommanderAlive(self, self.quick)
        self._latencies = {name: Latencies() for name in ("waiting", "encoding", "planning")}
        self._last = "none yet"
        self._fingers: FingerCheck[LatentId] | None = None
        self._steps = self.create_publisher(PursuitStep, names.PLANNER_STEPS, EVENTS)
        self.create_subscription(
            EndEffectorState,
            names.END_EFFECTOR_STATE,
            self._states.keep,
            STATES,
            callback_group=self.quick,
        )
        self._server = ActionServer(
            self,
            PursueGoal,
            names.PURSUE_GOAL,
            self._on_goal,
            callback_group=self.waiting,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    def configure(self) -> None:
        if self._pursuing.locked():
            raise RuntimeError("the last pursuit is still ending; configure again in a moment")
        if self._remote is not None:
            self._remote.close()
            self._remote = None
        if self._world_model is None:
            self._remote = RemoteWorldModel(
                self, self.parameters["world_model_timeout"], lambda: self._cancelled()
            )

    def deactivate(self) -> None:
        self._ending.set()
        self._fingers = None

    def cleanup(self) -> None:
        if self._remote is not None and not self._pursuing.locked():
            self._remote.close()
            self._remote = None

    def health(self) -> Health:
        values: dict[str, object] = {
            "pursuing": self._pursuing.locked(),
            "last_outcome": self._last,
            "rotation_deg": self._rotation.degrees,
        }
        for name, latencies in self._latencies.items():
            values |= latencies.values(name)
        return Health(values=values)

    async def _on_goal(self, handle: ServerGoalHandle) -> PursueGoal.Result:
        if not self.is_active:
            return self._refused(handle, Outcome.INACTIVE, "the planner is not active")
        if fault := _fault(handle.request):
            return self._refused(handle, Outcome.BAD_REQUEST, fault)
        if not self._pursuing.acquire(blocking=False):
            return self._refused(
                handle, Outcome.BUSY, "another goal is being pursued; cancel it or await its end"
            )
        # One for each pursuit, so that none is revived by the next activation.
        ending = self._ending = threading.Event()
        self._cancelled = lambda: ending.is_set() or handle.is_cancel_requested
        return await self.submit(lambda: self._pursue(handle))

    def _pursue(self, handle: ServerGoalHandle) -> PursueGoal.Result:
        try:
            ending, steps = self._carry_out(handle)
        except Exception as error:
            self.get_logger().error(traceback.format_exc())
            reason = f"{type(error).__name__}: {error}"
            ending, steps = Ending(Outcome.FAILED, reason, math.nan, np.full(7, math.nan)), 0
        finally:
            self._pursuing.release()
        return self._result(handle, ending, steps)

    def _carry_out(self, handle: ServerGoalHandle) -> tuple[Ending, int]:
        """The closed loop of the paper's section 3.2, put together from this graph's parts."""
        request, values = handle.request, self.parameters.values()
        world_model = self._world_model or self._remote
        assert world_model is not None  # as the node is configured
        preset = preset_from(values)
        clock = self.get_clock()
        observer = LiveObserver(
            world_model,
            self._states,
            lambda: now_seconds(clock),
            values["image_timeout"],
            values["state_timeout"],
        )
        arm = BridgeArm(
            self._bridge, clock, values["base_frame"], values["motion_timeout"], self._cancelled
        )
        loop = RecedingHorizon(
            world_model=PursuitModel(world_model, self._cancelled),
            planner=self._rotation.applied(preset.planner(), preset.constraint),
            observer=observer,
            arm=arm,
            goal=LatentId(request.goal.session, request.goal.number),
            budget=request.budget,
            seed=request.seed,
            stopping=_stopping(request),
            fingers=self._finger_check(preset.finger_settings()),
            settle_seconds=values["settle_time"],
            not_before=now_seconds(clock),
            cancelled=self._cancelled,
        )
        steps = 0
        for step in loop:
            if steps == 0 and loop.fingers is not None:
                self.get_logger().info(f"fingers: {loop.fingers.told}")
            steps += 1
            message = step_message(step, observer.latest, preset.constraint, values["base_frame"])
            for name, latencies in self._latencies.items():
                latencies.took(getattr(step.timing, name))
            self._steps.publish(message)
            handle.publish_feedback(PursueGoal.Feedback(step=message))
        assert loop.ending is not None
        return loop.ending, steps

    def _finger_check(self, settings: FingerSettings | None) -> FingerCheck[LatentId] | None:
        """The one that has seen the goals before, unless it is set otherwise."""
        if settings is None:
            self._fingers = None
        elif self._fingers is None or self._fingers.settings != settings:
            self._fingers = FingerCheck(settings)
        return self._fingers

    def _result(self, handle: ServerGoalHandle, ending: Ending, steps: int) -> PursueGoal.Result:
        self._last = f"{ending.outcome.name}: {ending.reason}"
        self.log_end(
            f"{ending.outcome.name} after {steps} steps: {ending.reason}", ending.outcome.fault
        )
        if handle.is_cancel_requested:
            handle.canceled()
        elif ending.outcome.fault:
            handle.abort()
        else:
            handle.succeed()
        return PursueGoal.Result(
            outcome=ending_message(ending), steps=steps, energy=ending.energy, state=ending.state
        )

    def _refused(
        self, handle: ServerGoalHandle, outcome: Outcome, reason: str
    ) -> PursueGoal.Result:
        self.get_logger().warning(f"{outcome.name}: {reason}")
        handle.abort()
        return PursueGoal.Result(
            outcome=outcome_message(outcome, reason), energy=math.nan, state=[math.nan] * 7
        )


def _fault(request: PursueGoal.Goal) -> str:
    if request.goal.number == 0:
        return "no goal: encode a goal image first (service world_model/encode_goal)"
    if request.budget > MAX_BUDGET:
        return f"a budget of {request.budget} steps is over {MAX_BUDGET}"
    if not (math.isfinite(request.energy_threshold) and request.energy_threshold >= 0):
        return f"energy_threshold must be finite and at least 0, not {request.energy_threshold}"
    return ""


def _stopping(request: PursueGoal.Goal) -> Sequence[StoppingRule]:
    rules: list[StoppingRule] = []
    if request.energy_threshold > 0:
        rules.append(EnergyBelow(request.energy_threshold))
    if request.stall_window > 0:
        rules.append(Stall(window=request.stall_window))
    return rules


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the planner alone; the world model node runs elsewhere."""
    return run_nodes(lambda: [PlannerNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())

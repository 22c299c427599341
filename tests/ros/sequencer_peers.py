"""What stands on the other side of the sequencer's interfaces, behaving as the messages say."""

from __future__ import annotations

import math
import sys
import threading
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from vjepa2_msgs.action import PursueGoal
from vjepa2_msgs.msg import (
    EndEffectorState,
    Goal,
    LatentId,
    Outcome,
    PursuitStep,
    RobotMode,
    WorldModelCode,
)
from vjepa2_msgs.srv import EncodeGoal
from vjepa2_node import names
from vjepa2_node.images import to_message
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import IMAGES, LATCHED, STATES
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import now_seconds, to_time

SCENE = np.random.default_rng(0).integers(60, 180, (24, 32, 3), np.uint8)


class Surroundings(ManagedNode):
    """Camera, arm and world model. Its fields may be changed at any time."""

    def __init__(self, world_model: bool = True, **options: Any) -> None:
        super().__init__("surroundings", (), **options)
        self.image: NDArray[np.uint8] = SCENE
        self.image_offset = self.state_offset = 0.0  # of the stamps [s]
        self.sends_images = self.sends_states = True
        self.mode = RobotMode.IDLE
        self.code = WorldModelCode.OK
        self.encoded: list[Goal] = []
        self._started = now_seconds(self.get_clock())
        self._images = self.create_publisher(Image, names.IMAGE, IMAGES)
        self._states = self.create_publisher(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
        self._modes = self.create_publisher(RobotMode, names.ROBOT_MODE, LATCHED)
        if world_model:
            self.create_service(
                EncodeGoal, names.ENCODE_GOAL, self._on_encode, callback_group=self.quick
            )
        self.create_timer(1 / 25, self._send_image, callback_group=self.quick)
        self.create_timer(1 / 50, self._send_state, callback_group=self.quick)
        self.set_mode(RobotMode.IDLE)

    def set_mode(self, mode: int, message: str = "") -> None:
        """Let the arm be in a mode."""
        self.mode = mode
        self._modes.publish(RobotMode(mode=mode, message=message))

    def state_at(self, stamp: float) -> NDArray[np.float64]:
        """Where the arm is: it drifts in x, so that its state tells the time."""
        return np.array([0.01 * (stamp - self._started), 0.1, 0.3, 0.0, 0.0, 0.0, 0.0])

    def _send_image(self) -> None:
        if self.sends_images:
            stamp = now_seconds(self.get_clock()) + self.image_offset
            self._images.publish(to_message(self.image, stamp, "camera"))

    def _send_state(self) -> None:
        if self.sends_states:
            stamp = now_seconds(self.get_clock()) + self.state_offset
            self._states.publish(
                EndEffectorState(
                    header=Header(stamp=to_time(stamp)),
                    state=self.state_at(stamp),
                    mode=self.mode,
                )
            )

    def _on_encode(
        self, request: EncodeGoal.Request, response: EncodeGoal.Response
    ) -> EncodeGoal.Response:
        self.encoded.append(request.goal)
        response.code.code = self.code
        response.message = "" if self.code == WorldModelCode.OK else "as the test wants"
        response.latent = LatentId(session=7, number=len(self.encoded))
        return response


class ToyPlanner(ManagedNode):
    """Makes a step for each permit; ends with `ending` after `ends_after` steps, if given.

    Once `fails`, it ends with an exception as soon as it has no permit left.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("toy_planner", (), workers=2, **options)
        self.goals: list[PursueGoal.Goal] = []
        self.permits = threading.Semaphore(0)
        self.ending: int | None = None
        self.ends_after = 0
        self.fails = False
        self.ended: SimpleQueue[int] = SimpleQueue()  # outcomes
        self.server = ActionServer(
            self,
            PursueGoal,
            names.PURSUE_GOAL,
            self._on_goal,
            callback_group=self.waiting,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    def allow(self, steps: int = 1000) -> None:
        """Give permits."""
        self.permits.release(steps)

    def cleanup(self) -> None:
        self.fails = True
        self.server.destroy()

    async def _on_goal(self, handle: ServerGoalHandle) -> PursueGoal.Result:
        result: PursueGoal.Result = await self.submit(lambda: self._pursue(handle))
        self.ended.put(result.outcome.outcome)
        return result

    def _pursue(self, handle: ServerGoalHandle) -> PursueGoal.Result:
        request = handle.request
        self.goals.append(request)
        steps = 0
        while steps < request.budget:
            if self.ending is not None and steps == self.ends_after:
                handle.abort()
                return _result(self.ending, steps, "as the test wants")
            while not self.permits.acquire(timeout=0.01):
                if handle.is_cancel_requested:
                    handle.canceled()
                    return _result(Outcome.CANCELLED, steps, "cancelled by request")
                if self.fails:
                    raise RuntimeError("the planner has died")
            step = PursuitStep(index=steps, energy=_energy(steps), view=request.goal)
            handle.publish_feedback(PursueGoal.Feedback(step=step))
            steps += 1
        handle.succeed()
        return _result(Outcome.BUDGET_SPENT, steps, "all spent")


def main() -> int:
    """The planner in a process of its own: a step every tenth of a second.

    Steps that it makes before it has discovered who listens are lost.
    """

    def planner() -> list[ManagedNode]:
        node = ToyPlanner()
        node.create_timer(0.1, lambda: node.allow(1), callback_group=node.quick)
        return [node]

    return run_nodes(planner)


def _energy(step: int) -> float:
    return 1.0 / (1.0 + step)


def _result(outcome: int, steps: int, message: str) -> PursueGoal.Result:
    return PursueGoal.Result(
        outcome=Outcome(outcome=outcome, detail=3, message=message),
        steps=steps,
        energy=_energy(steps),
        state=[math.nan] * 7,
    )


if __name__ == "__main__":
    sys.exit(main())

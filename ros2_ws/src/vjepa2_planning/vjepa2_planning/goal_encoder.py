"""Latents of goal images by the world model node, from a worker thread."""

from __future__ import annotations

from vjepa2_msgs.msg import LatentId, WorldModelCode
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner import PursuitFailure
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.goal_view import GoalView, goal_message
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.task_progress import TaskFailure
from vjepa2_world_model.remote_world_model import RemoteWorldModel
from vjepa2_world_model.wire import to_message

CODES = {
    WorldModelCode.SIZE_MISMATCH: TaskCode.GOAL_SIZE,
    WorldModelCode.NO_IMAGE: TaskCode.NO_IMAGE,
    # Goals are good by now, so it is the live view, whose size the goal's is compared with.
    WorldModelCode.BAD_IMAGE: TaskCode.NO_IMAGE,
    WorldModelCode.BAD_REQUEST: TaskCode.BAD_TASK,
}


class GoalEncoder:
    """Uses the node's parameter `world_model_timeout`."""

    def __init__(self, node: ManagedNode) -> None:
        self._interruption = Interruption()
        self._world_model = RemoteWorldModel(
            node,
            node.parameters["world_model_timeout"],
            lambda: self._interruption.happened,
        )

    def encode(self, goal: GoalView, interruption: Interruption) -> LatentId | None:
        """The latent of a goal, None when interrupted.

        Raises TaskFailure, with WORLD_MODEL_LOST unless it is the goal that is at fault.
        """
        self._interruption = interruption
        try:
            return to_message(self._world_model.encode_goal(goal_message(goal)))
        except PursuitFailure as failure:
            if interruption.happened:
                return None
            code = CODES.get(failure.code or 0, TaskCode.WORLD_MODEL_LOST)
            raise TaskFailure(code, f"goal {goal.name}: {failure}") from failure

    def close(self) -> None:
        """Release the clients."""
        self._world_model.close()

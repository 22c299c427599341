"""Which commands have reached the bridge, as its action server tells of them."""

from __future__ import annotations

import time

from action_msgs.msg import GoalStatusArray
from rclpy.qos import qos_profile_action_status_default

from tests.ros.conftest import Graph
from vjepa2_node import names


class CommandLog:
    """Every goal of `execute_delta` is accepted, also one that is then refused, and so told of."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._heard: dict[bytes, float] = {}
        self._subscription = graph.client.create_subscription(
            GoalStatusArray,
            f"{names.EXECUTE_DELTA}/_action/status",
            self._keep,
            qos_profile_action_status_default,
        )

    def since(self, moment: float) -> int:
        """How many were first heard of after a time.monotonic() [s]."""
        return sum(heard > moment for heard in list(self._heard.values()))

    def close(self) -> None:
        """Take no more."""
        self._graph.client.destroy_subscription(self._subscription)

    def _keep(self, message: GoalStatusArray) -> None:
        now = time.monotonic()
        for status in message.status_list:
            self._heard.setdefault(bytes(status.goal_info.goal_id.uuid), now)

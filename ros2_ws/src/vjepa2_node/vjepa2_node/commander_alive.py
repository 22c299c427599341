"""Whether those who command the arm are alive: silence ends their motion.

DDS itself watches: a commander asserts that it lives from its executor, and a process that is
killed, or an executor that hangs, falls silent alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Empty

TOPIC = "commanders"
SILENCE = 0.5
"""Seconds without a sign of life after which a commander counts as silent."""
PERIOD = 0.05

_ALIVE = QoSProfile(
    depth=1,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.RELIABLE,
    liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
    liveliness_lease_duration=Duration(seconds=SILENCE),
)


class CommanderAlive:
    """Says that a node which commands the arm lives, as long as its executor goes round."""

    def __init__(self, node: Node, group: CallbackGroup) -> None:
        self._publisher = node.create_publisher(
            Empty,
            TOPIC,
            _ALIVE,
            event_callbacks=PublisherEventCallbacks(use_default_callbacks=False),
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(PERIOD, self._publisher.assert_liveliness, group, clock=steady)
        self._publisher.assert_liveliness()


class CommanderWatch:
    """Calls `silent` when a commander that has been heard falls silent without taking leave.

    alive: how many are heard now.
    """

    def __init__(self, node: Node, group: CallbackGroup, silent: Callable[[], None]) -> None:
        self._silent = silent
        self.alive = 0
        node.create_subscription(
            Empty,
            TOPIC,
            lambda message: None,
            _ALIVE,
            callback_group=group,
            event_callbacks=SubscriptionEventCallbacks(
                liveliness=self._changed, use_default_callbacks=False
            ),
        )

    def _changed(self, event: Any) -> None:
        self.alive = event.alive_count
        # A publisher that is destroyed in good order leaves without ever being "not alive".
        if event.not_alive_count_change > 0:
            self._silent()

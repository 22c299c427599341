"""Health of a node on `/diagnostics`, once a second, as REP 107 tools show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import CallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from vjepa2_node.qos import EVENTS

TOPIC = "/diagnostics"
PERIOD = 1.0


@dataclass(frozen=True)
class Health:
    """error, warning: a sentence where something is wrong. values: what there is to read."""

    error: str = ""
    warning: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


class Diagnostics:
    """Publishes what `health` says, from construction on; it must return at once."""

    def __init__(self, node: Node, group: CallbackGroup, health: Callable[[], Health]) -> None:
        self._node = node
        self._health = health
        self._publisher = node.create_publisher(DiagnosticArray, TOPIC, EVENTS)
        # In real time: the node's own clock may stand still.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(PERIOD, self._publish, group, clock=steady)

    def _publish(self) -> None:
        message = DiagnosticArray(status=[self._status()])
        message.header.stamp = self._node.get_clock().now().to_msg()
        try:
            self._publisher.publish(message)
        except Exception:
            # A signal may have shut the context down meanwhile.
            if self._node.context.ok():
                raise

    def _status(self) -> DiagnosticStatus:
        try:
            health = self._health()
        except Exception as error:
            health = Health(error=f"the health could not be told: {type(error).__name__}: {error}")
        if health.error:
            level = DiagnosticStatus.ERROR
        else:
            level = DiagnosticStatus.WARN if health.warning else DiagnosticStatus.OK
        return DiagnosticStatus(
            level=level,
            name=self._node.get_fully_qualified_name(),
            message=health.error or health.warning or "well",
            values=[KeyValue(key=key, value=_text(value)) for key, value in health.values.items()],
        )


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

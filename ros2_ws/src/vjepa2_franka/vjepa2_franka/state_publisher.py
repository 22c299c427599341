"""Publishes where the arm is and what it is able to do."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from vjepa2_franka.reports import end_effector_state, joint_state
from vjepa2_msgs.msg import EndEffectorState
from vjepa2_msgs.msg import RobotMode as RobotModeMessage
from vjepa2_node import names, qos
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.rate import Rate
from vjepa2_robot.arm_driver import ArmState, RobotMode

Follower = Callable[[EndEffectorState], None]

_SENTENCES = {
    RobotMode.IDLE: "",
    RobotMode.MOVING: "the arm moves",
    RobotMode.REFLEX: "a collision or a limit of the arm stopped it; free it, then recover",
    RobotMode.USER_STOPPED: "the stop button is pressed; release it",
    RobotMode.GUIDING: "the arm is moved by hand",
    RobotMode.RECOVERING: "the arm recovers from an error",
    RobotMode.OTHER: "the arm is in a mode of its own; see to that in Desk",
}


class StatePublisher:
    """Topics end_effector_state, joint_states, and robot_mode whenever it changes.

    Needs the node's parameters base_frame, joint_prefix and dry_run. `followed_by` may be used
    from any thread, the rest from one at a time.
    """

    def __init__(self, node: ManagedNode) -> None:
        self._node = node
        self._clock = node.get_clock()
        self._states = node.create_publisher(
            EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES
        )
        self._joints = node.create_publisher(JointState, names.JOINT_STATES, qos.EVENTS)
        self._modes = node.create_publisher(RobotModeMessage, names.ROBOT_MODE, qos.LATCHED)
        self._shown: RobotMode | None = None
        self.fault = ""
        self._rate = Rate()
        self._followers: list[Follower] = []
        self._lock = threading.Lock()

    def seen(self, state: ArmState) -> None:
        """Publish a measured state."""
        self.fault = ""
        self._rate.event()
        with self._faults_logged():
            frame = self._node.parameters["base_frame"]
            prefix = self._node.parameters["joint_prefix"]
            message = end_effector_state(self._clock, frame, state)
            self._states.publish(message)
            self._joints.publish(joint_state(self._clock, frame, prefix, state))
            self._show(state.mode, _SENTENCES.get(state.mode, ""))
            with self._lock:
                for follow in self._followers:
                    with self._faults_logged():
                        follow(message)

    def lost(self, error: Exception) -> None:
        """Publish that the arm cannot be read."""
        self.fault = str(error)
        with self._faults_logged():
            if self._show(RobotMode.DISCONNECTED, str(error)):
                self._node.get_logger().error(str(error))

    def rests(self) -> None:
        """Publish that no more states come, since the node is not active."""
        with self._faults_logged():
            self._show(RobotMode.OTHER, "the bridge is not active")
        self._shown = None

    def values(self) -> dict[str, object]:
        """What there is to read of states, for `/diagnostics`."""
        mode = "unknown" if self._shown is None else self._shown.name
        return {"mode": mode, **self._rate.values("state")}

    @contextmanager
    def followed_by(self, follower: Follower) -> Iterator[None]:
        """Hand every state that is published in the meantime to `follower`."""
        with self._lock:
            self._followers.append(follower)
        try:
            yield
        finally:
            with self._lock:
                self._followers.remove(follower)

    def _show(self, mode: RobotMode, message: str) -> bool:
        """Publish a mode, with a sentence, if it is another one; False if it is not."""
        if mode is self._shown:
            return False
        self._modes.publish(
            RobotModeMessage(
                header=Header(
                    stamp=self._clock.now().to_msg(), frame_id=self._node.parameters["base_frame"]
                ),
                mode=int(mode),
                dry_run=self._node.parameters["dry_run"],
                message=message,
            )
        )
        self._shown = mode
        return True

    @contextmanager
    def _faults_logged(self) -> Iterator[None]:
        # A fault of telling is none of the arm, and the next state may be told.
        try:
            yield
        except Exception as error:
            # A signal shuts ROS down first, and the node is told later.
            if self._node.context.ok():
                text = "".join(traceback.format_exception(error))
                self._node.get_logger().error(text, throttle_duration_sec=5.0)

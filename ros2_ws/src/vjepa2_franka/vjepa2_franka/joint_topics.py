"""Joints behind ROS topics: measured positions come in, target positions go out."""

from __future__ import annotations

import threading
import time

import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64

from vjepa2_node import names, qos
from vjepa2_node.stamps import to_seconds
from vjepa2_robot.arm_driver import ArmError, Vector
from vjepa2_robot.fr3 import FINGERS, JOINTS
from vjepa2_robot.joint_link import JointSample

RCLError = rclpy_implementation.RCLError


class MeasuredJointTopic:
    """A `MeasuredJoints` on the topic `gazebo/joint_states`; it publishes nothing.

    It is a node of its own on a thread of its own, since its users wait for messages: also while
    the node that uses it is being configured, and so hears none.
    """

    def __init__(self, user: Node, timeout: float, silence: float) -> None:
        """Wait up to `timeout` seconds for the first measurement; ArmError where none comes.

        user: whose context and namespace are used. silence: seconds without a measurement after
        which the arm counts as lost.
        """
        self._silence = silence
        self._news = threading.Condition()
        self._newest: JointSample | None = None
        self._fault = ""
        self._closed = False
        self._node = Node(
            f"{user.get_name()}_joints",
            namespace=user.get_namespace(),
            context=user.context,
            use_global_arguments=False,
            start_parameter_services=False,
            enable_rosout=False,
        )
        self._node.create_subscription(
            JointState,
            names.MEASURED_JOINTS,
            self._on_joints,
            qos.MEASURED_JOINTS,
            callback_group=MutuallyExclusiveCallbackGroup(),
        )
        self._executor = SingleThreadedExecutor(context=user.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name="joint topics", daemon=True)
        self._thread.start()
        try:
            self._wait_for_other_than(None, timeout)
        except ArmError:
            self.close()
            raise

    def newest(self) -> JointSample:
        """See `MeasuredJoints`."""
        sample = self._newest
        assert sample is not None
        if self._closed:
            raise ArmError("the joint topics are closed; connect again")
        if time.monotonic() - sample.received > self._silence:
            raise self._silent(self._silence)
        return sample

    def after(self, sample: JointSample) -> JointSample:
        """See `MeasuredJoints`."""
        return self._wait_for_other_than(sample, self._silence)

    def close(self) -> None:
        """See `MeasuredJoints`."""
        if self._closed:
            return
        with self._news:
            self._closed = True
            self._news.notify_all()
        # In this order: an executor that is shut down while it spins raises what says nothing.
        self._executor.wake()
        self._thread.join(timeout=5.0)
        self._executor.shutdown(timeout_sec=5.0)
        self._node.destroy_node()

    def _wait_for_other_than(self, sample: JointSample | None, timeout: float) -> JointSample:
        with self._news:
            self._news.wait_for(lambda: self._closed or self._newest is not sample, timeout)
            newest = self._newest
        if newest is None or newest is sample or self._closed:
            raise self._silent(timeout)
        return newest

    def _silent(self, seconds: float) -> ArmError:
        topic = self._node.resolve_topic_name(names.MEASURED_JOINTS)
        return ArmError(
            f"no joint positions on {topic} for {seconds:g} s{self._fault}; is Gazebo up and not "
            "paused, and ros_gz_bridge with it?"
        )

    def _on_joints(self, message: JointState) -> None:
        at = dict(zip(message.name, message.position, strict=False))
        missing = [
            joint for joint in (*JOINTS, *FINGERS) if not np.isfinite(at.get(joint, np.nan))
        ]
        with self._news:
            self._fault = f" (they lack {', '.join(missing)})" if missing else ""
            if missing:
                return
            self._newest = JointSample(
                arm=np.array([at[joint] for joint in JOINTS]),
                fingers=np.array([at[joint] for joint in FINGERS]),
                stamp=to_seconds(message.header.stamp),
                received=time.monotonic(),
            )
            self._news.notify_all()

    def _spin(self) -> None:
        try:
            while not self._closed and self._node.context.ok():
                self._executor.spin_once(timeout_sec=0.5)
        except (ExternalShutdownException, RCLError):
            if not self._closed and self._node.context.ok():
                raise


class JointTopics(MeasuredJointTopic):
    """A `JointLink` on that topic and a topic of targets for each joint."""

    def __init__(self, user: Node, timeout: float, silence: float) -> None:
        super().__init__(user, timeout, silence)
        self._arm = [self._publisher(joint) for joint in JOINTS]
        self._fingers = [self._publisher(joint) for joint in FINGERS]

    def send_arm(self, positions: Vector) -> None:
        """See `JointLink`."""
        for publisher, position in zip(self._arm, positions, strict=True):
            publisher.publish(Float64(data=float(position)))

    def send_fingers(self, distance: float) -> None:
        """See `JointLink`."""
        for publisher in self._fingers:
            publisher.publish(Float64(data=float(distance)))

    def _publisher(self, joint: str) -> Publisher:
        return self._node.create_publisher(
            Float64, names.JOINT_TARGET.format(joint=joint), qos.EVENTS
        )

"""What is recorded, as it comes or under a name of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import ParameterEvent
from rclpy.qos import (
    HistoryPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_parameter_events,
)
from sensor_msgs.msg import JointState

from vjepa2_msgs.msg import (
    CalibrationReport,
    CameraStatus,
    EndEffectorState,
    PursuitStep,
    RobotMode,
    TaskStatus,
    WorldModelStatus,
)
from vjepa2_node import diagnostics, names, qos

LIVE = f"{names.IMAGE}/compressed"
"""What the camera sees, as JPEG, now and then."""
VIEWS = "world_model/views/compressed"
"""The very frames that were planned from, as PNG."""
GOALS, LATENTS = "world_model/goals", "world_model/goals/latents"
"""Goals with their images, and with the same time of receipt their latents' ids."""
FRAMES = QoSProfile(
    depth=30, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.BEST_EFFORT
)
"""Of camera images: none is to be lost to the next one, as any may be the one planned from."""
PARAMETER_EVENTS = "/parameter_events"


@dataclass(frozen=True)
class RecordedTopic:
    """kept: the last message from before a recording belongs to its beginning."""

    name: str
    kind: type[Any]
    qos: QoSProfile
    kept: bool = False


TOPICS = (
    RecordedTopic(names.TASK_STATUS, TaskStatus, qos.LATCHED),
    RecordedTopic(names.PLANNER_STEPS, PursuitStep, qos.EVENTS),
    RecordedTopic(names.WORLD_MODEL_STATUS, WorldModelStatus, qos.EVENTS),
    RecordedTopic(names.CALIBRATION, CalibrationReport, qos.LATCHED, kept=True),
    RecordedTopic(names.END_EFFECTOR_STATE, EndEffectorState, qos.STATES),
    RecordedTopic(names.JOINT_STATES, JointState, qos.STATES),
    RecordedTopic(names.ROBOT_MODE, RobotMode, qos.LATCHED, kept=True),
    RecordedTopic(names.CAMERA_STATUS, CameraStatus, qos.LATCHED, kept=True),
    RecordedTopic(diagnostics.TOPIC, DiagnosticArray, qos.EVENTS),
    RecordedTopic(PARAMETER_EVENTS, ParameterEvent, qos_profile_parameter_events),
)

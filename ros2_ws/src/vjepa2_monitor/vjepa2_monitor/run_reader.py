"""Reads a recording back: ROS messages by rclpy, so that they are what they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rcl_interfaces.msg import ParameterEvent
from rclpy.parameter import parameter_value_to_python
from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import CompressedImage

from vjepa2_monitor.recorded_run import RecordedRun
from vjepa2_monitor.recorded_topics import GOALS, LATENTS, PARAMETER_EVENTS, VIEWS
from vjepa2_msgs.msg import (
    CalibrationCode,
    CalibrationReport,
    EndEffectorState,
    Goal,
    LatentId,
    PursuitStep,
    WorldModelStatus,
)
from vjepa2_node import names
from vjepa2_node.stamps import NANOSECONDS, to_seconds
from vjepa2_planner.calibration.turning import checked_rotation

KINDS: dict[str, type[Any]] = {
    names.PLANNER_STEPS: PursuitStep,
    names.WORLD_MODEL_STATUS: WorldModelStatus,
    names.END_EFFECTOR_STATE: EndEffectorState,
    names.CALIBRATION: CalibrationReport,
    GOALS: Goal,
    LATENTS: LatentId,
    VIEWS: CompressedImage,
    PARAMETER_EVENTS.strip("/"): ParameterEvent,
}


class RunError(ValueError):
    """A run cannot be read; the message says why."""


def read_run(folder: Path) -> RecordedRun:
    """The run of a recording's folder. RunError where it cannot be read."""
    if not (folder / "metadata.yaml").is_file():
        hint = (
            "it is being recorded, or its recorder was killed: then `mcap recover FILE -o NEW` "
            "rescues what is there"
            if any(folder.glob("*.mcap"))
            else "give the folder of a recording, such as runs/<time>"
        )
        raise RunError(f"{folder} holds no metadata.yaml: {hint}")
    try:
        with Reader(folder) as reader:
            return _read(reader)
    except Exception as error:
        # The readers of a storage raise whatever its damaged bytes lead to.
        reason = str(error) or type(error).__name__
        raise RunError(f"{folder} cannot be read: {reason}") from error


def _read(reader: Reader) -> RecordedRun:
    run = RecordedRun(about=dict(reader.storage.metadata.custom or {}))
    topics = {connection.id: _topic(connection.topic) for connection in reader.connections}
    goals: dict[int, Goal] = {}
    for connection, received, raw in reader.messages(reader.connections):
        if topic := topics[connection.id]:
            _add(run, received, deserialize_message(raw, KINDS[topic]), goals)
    return run


def _topic(name: str) -> str:
    """Name of a topic within the stack's namespace; empty where it does not matter here."""
    return next((topic for topic in KINDS if name.endswith(f"/{topic}")), "")


def _add(run: RecordedRun, received: int, message: Any, goals: dict[int, Goal]) -> None:
    match message:
        case PursuitStep():
            run.steps.append(message)
        case CompressedImage():
            run.frames[to_seconds(message.header.stamp)] = message
        case EndEffectorState():
            run.states[to_seconds(message.header.stamp)] = message
        case WorldModelStatus() if message.goal.number:
            goal = message.goal.session, message.goal.number
            run.goal_ids[to_seconds(message.header.stamp)] = goal
        case Goal():
            goals[received] = message
        case LatentId() if received in goals:
            run.goals[message.session, message.number] = goals[received]
        case ParameterEvent():
            changed = [*message.new_parameters, *message.changed_parameters]
            values = {p.name: parameter_value_to_python(p.value) for p in changed}
            node = message.node.rpartition("/")[2]
            run.parameters.setdefault(node, []).append((to_seconds(message.stamp), values))
        case CalibrationReport() if message.code.code == CalibrationCode.OK:
            rotation = checked_rotation(np.array(message.rotation).reshape(2, 2))
            run.rotations.append((received / NANOSECONDS, rotation))

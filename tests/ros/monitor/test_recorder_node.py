"""The recorder on a real graph."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import Image

from tests.ros.conftest import WAIT, Graph
from vjepa2_monitor.recorder_node import RecorderNode
from vjepa2_monitor.run_reader import read_run
from vjepa2_msgs.msg import PursuitStep, RobotMode, TaskStatus, WorldModelStatus
from vjepa2_node import names, qos
from vjepa2_node.images import to_array, to_message
from vjepa2_node.stamps import now_seconds, to_time

ROOM = {"min_free": 0.0}


class Peers:
    """Publishers of what the recorder listens to."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        make = graph.client.create_publisher
        self.status = make(TaskStatus, names.TASK_STATUS, qos.LATCHED)
        self.images = make(Image, names.IMAGE, qos.IMAGES)
        self.views = make(WorldModelStatus, names.WORLD_MODEL_STATUS, qos.EVENTS)
        self.steps = make(PursuitStep, names.PLANNER_STEPS, qos.EVENTS)
        self.mode = make(RobotMode, names.ROBOT_MODE, qos.LATCHED)
        self.health = graph.collect(DiagnosticArray, "/diagnostics", qos.EVENTS)

    def await_recorder(self) -> None:
        """Until it has found all publishers: what is sent before is lost."""
        deadline = time.monotonic() + WAIT
        for publisher in (self.images, self.views, self.steps):
            while not publisher.get_subscription_count():
                assert time.monotonic() < deadline, f"nobody listens to {publisher.topic_name}"
                time.sleep(0.01)

    def until(self, **wanted: str) -> dict[str, str]:
        """The recorder's health once it tells of this, and what it says."""

        def told(message: Any) -> dict[str, str]:
            (status,) = message.status
            values = {v.key: v.value for v in status.values}
            return {**values, "message": status.message, "name": status.name}

        return told(self.health.until(lambda m: wanted.items() <= told(m).items()))


def test_a_task_is_recorded_with_the_frames_of_its_plans(graph: Graph, tmp_path: Path) -> None:
    """Of two pictures one was planned from: it is there to the last bit, the other is not."""
    peers = Peers(graph)
    peers.mode.publish(RobotMode(mode=RobotMode.IDLE, message="before the task"))
    graph.add(RecorderNode, folder=str(tmp_path), live_rate=0.0, **ROOM)
    peers.status.publish(TaskStatus(state=TaskStatus.RUNNING, task="reach"))
    peers.until(recording="True")
    peers.await_recorder()
    now = now_seconds(graph.client.get_clock())
    picture = np.random.default_rng(1).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    for stamp in (now, now + 0.1):
        peers.images.publish(to_message(picture, stamp, "camera"))
    status = WorldModelStatus()
    status.header.stamp = to_time(now)
    status.goal.session, status.goal.number = 5, 6
    peers.views.publish(status)
    step = PursuitStep(energy=0.25)
    step.header.stamp = to_time(now)
    peers.steps.publish(step)
    peers.status.publish(TaskStatus(state=TaskStatus.IDLE))
    peers.health.messages.clear()
    told = peers.until(recording="False")
    assert (told["code"], told["dropped"], told["message"]) == ("OK", "0", "well")
    assert told["views_missing"] == "0"
    run = read_run(Path(told["run"]))
    (plan,) = run.plans()
    assert np.array_equal(to_array(plan.frame), picture)
    assert plan.step == step
    assert plan.goal is None  # none was encoded
    assert list(run.frames) == [now]
    with Reader(told["run"]) as reader:
        (mode,) = (c for c in reader.connections if c.topic == "/robot_mode")
        kept = [deserialize_message(raw, RobotMode) for *_, raw in reader.messages([mode])]
    assert [m.message for m in kept] == ["before the task"]


def test_where_nothing_can_be_written_it_is_told_and_nothing_else(
    graph: Graph, tmp_path: Path
) -> None:
    """Active all the same: whoever only records never keeps the others from working."""
    (tmp_path / "file").write_text("")
    peers = Peers(graph)
    graph.add(RecorderNode, folder=str(tmp_path / "file" / "runs"), **ROOM)
    told = peers.until(code="FOLDER_UNWRITABLE")
    assert told["message"].startswith("FOLDER_UNWRITABLE: ")
    peers.status.publish(TaskStatus(state=TaskStatus.RUNNING))
    peers.health.messages.clear()
    assert peers.until(code="FOLDER_UNWRITABLE")["recording"] == "False"


def test_a_short_disk_turns_recording_off(graph: Graph, tmp_path: Path) -> None:
    """Found out before the first task."""
    peers = Peers(graph)
    graph.add(RecorderNode, folder=str(tmp_path), min_free=1e8)
    assert "min_free" in peers.until(code="DISK_LOW")["message"]
    assert not list(tmp_path.iterdir())

"""What ros_gz_bridge is told: topics that both sides have, with the types that both sides use."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from vjepa2_franka.franka_bridge import FrankaBridge
from vjepa2_node import names
from vjepa2_world_model.world_model_node import WorldModelNode

PACKAGE = Path(__file__).parents[3] / "ros2_ws/src/vjepa2_gazebo"
FIELDS = {"ros_topic_name", "gz_topic_name", "ros_type_name", "gz_type_name", "direction"}
PAIRS = {
    "rosgraph_msgs/msg/Clock": "gz.msgs.Clock",
    "sensor_msgs/msg/Image": "gz.msgs.Image",
    "sensor_msgs/msg/JointState": "gz.msgs.Model",
    "std_msgs/msg/Float64": "gz.msgs.Double",
}
"""Of the table in the README of ros_gz_bridge (github.com/gazebosim/ros_gz, branch jazzy)."""
IN, OUT = "GZ_TO_ROS", "ROS_TO_GZ"


@pytest.fixture(scope="module")
def entries() -> list[dict[str, str]]:
    """The configuration."""
    content: list[dict[str, str]] = yaml.safe_load((PACKAGE / "config/bridge.yaml").read_text())
    return content


def of_gazebo() -> Iterator[tuple[str, str, str]]:
    """Topic, type and direction of what the systems and sensors of the world offer and take."""
    world = ET.parse(PACKAGE / "worlds/table.sdf").getroot()
    yield "/clock", "gz.msgs.Clock", IN
    for sensor in world.iter("sensor"):
        yield sensor.findtext("topic") or "", "gz.msgs.Image", IN
    for system in world.iter("plugin"):
        topic = system.findtext("topic") or ""
        match (system.get("name") or "").rpartition("::")[2]:
            case "JointStatePublisher":
                yield topic, "gz.msgs.Model", IN
            case "JointPositionController":
                yield topic, "gz.msgs.Double", OUT


def test_entries_are_complete_and_types_can_be_bridged(entries: list[dict[str, str]]) -> None:
    """Only the keys that the bridge knows, and pairs of types that it converts."""
    for entry in entries:
        assert entry.keys() == FIELDS
        assert PAIRS[entry["ros_type_name"]] == entry["gz_type_name"]


def test_the_world_has_every_bridged_topic_and_no_other(entries: list[dict[str, str]]) -> None:
    """By name, type and direction."""
    bridged = [(e["gz_topic_name"], e["gz_type_name"], e["direction"]) for e in entries]
    assert sorted(bridged) == sorted(of_gazebo())


def test_every_bridged_topic_is_one_that_the_nodes_use(
    entries: list[dict[str, str]], graph: Any, gazebo: Any
) -> None:
    """Asked of running nodes: they subscribe to what comes in, and publish what goes out."""
    running = [
        graph.add(FrankaBridge, driver="gazebo", use_sim_time=True, connect_timeout=30.0),
        graph.add(WorldModelNode, model="bundled", use_sim_time=True),
    ]
    of_ours = {node.get_name() for node in running} | {"franka_bridge_joints"}
    endpoints = {
        IN: graph.client.get_subscriptions_info_by_topic,
        OUT: graph.client.get_publishers_info_by_topic,
    }
    for entry in entries:
        topic = f"/{entry['ros_topic_name'].lstrip('/')}"
        ends = [e for e in endpoints[entry["direction"]](topic) if e.node_name in of_ours]
        assert ends, f"no node uses {topic}"
        assert {end.topic_type for end in ends} == {entry["ros_type_name"]}, topic
    assert running[0].get_clock().ros_time_is_active


def test_only_the_clock_is_outside_of_the_namespace(entries: list[dict[str, str]]) -> None:
    """Several stacks may run, each in its own."""
    absolute = [e["ros_topic_name"] for e in entries if e["ros_topic_name"].startswith("/")]
    assert absolute == ["/clock"]
    assert names.IMAGE in {entry["ros_topic_name"] for entry in entries}

"""Types in a bag are those that ROS itself has."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from vjepa2_monitor.message_types import register, typestore
from vjepa2_monitor.recorded_topics import TOPICS, RecordedTopic
from vjepa2_msgs.msg import Goal

SHARE = Path(sys.prefix) / "share"
"""Where the messages were built into: beside each lies its description, with its hash."""


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_hashes_are_those_of_ros(topic: RecordedTopic) -> None:
    """REP 2011: equal hashes mean equal definitions, of all that a message is made of."""
    name = register(topic.kind)
    described = json.loads((SHARE / f"{name}.json").read_text())
    hashes = {h["type_name"]: h["hash_string"] for h in described["type_hashes"]}
    assert typestore().hash_rihs01(name) == hashes[name]


def test_a_class_is_registered_once() -> None:
    """The same name, however often."""
    assert register(Goal) == register(Goal) == "vjepa2_msgs/msg/Goal"

"""What the topics of a camera, and its diagnostics, say of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ros.conftest import Graph
from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import camera_topics, names, qos
from vjepa2_node.camera_topics import CameraTopics, Picture
from vjepa2_node.intrinsics import Intrinsics, camera_info
from vjepa2_node.stamps import now_seconds

SEEN = np.zeros((4, 6, 3), np.uint8)


@pytest.fixture
def topics(graph: Graph) -> CameraTopics:
    topics = CameraTopics(graph.client)
    topics.start("v4l2", "eye")
    return topics


def test_the_newest_picture_is_described(graph: Graph, topics: CameraTopics) -> None:
    """Its age is since its capture; the serial number is of the camera that took it."""
    statuses = graph.collect(CameraStatus, names.CAMERA_STATUS, qos.LATCHED)
    assert "image_age_s" not in topics.health().values
    captured = now_seconds(graph.client.get_clock()) - 5.0
    topics.publish(Picture(SEEN, captured, estimated=True, serial="A1"))
    topics.report()
    values = topics.health().values
    assert (values["serial"], values["image_size"], values["source"]) == ("A1", "6x4", "v4l2")
    assert values["stamps_estimated"] is True
    assert 5.0 <= float(str(values["image_age_s"])) < 15.0
    assert float(str(values["image_rate_hz"])) > 0.0
    status = statuses.until(lambda status: status.width)
    assert (status.serial, status.source, status.message) == ("A1", "v4l2", "")


def test_what_is_dropped_is_counted_by_reason(topics: CameraTopics) -> None:
    """Until it begins anew."""
    topics.drop("busy")
    topics.drop("future stamp", 3)
    values = topics.health().values
    assert values["images_dropped"] == 4
    assert values["images_dropped_busy"] == 1
    assert values["images_dropped_future_stamp"] == 3
    topics.start("v4l2", "eye")
    assert topics.health().values["images_dropped"] == 0


def test_a_fault_goes_before_silence(topics: CameraTopics, monkeypatch) -> None:
    """Both are errors; without either all is well."""
    assert topics.health().error == ""
    monkeypatch.setattr(camera_topics, "SILENT_SECONDS", -1.0)
    assert topics.health().error == "no picture for 0 s"
    assert topics.health("the cable is out").error == "the cable is out"


def test_a_lens_passes_through_its_message() -> None:
    """With its distortion; a message that knows nothing gives nothing."""
    lens = Intrinsics(5.0, 6.0, 2.0, 1.0, "equidistant", (0.1, 0.2, 0.3, 0.4))
    assert Intrinsics.from_message(camera_info(6, 4, lens)) == lens
    assert Intrinsics.from_message(camera_info(6, 4, None)) is None

"""The camera node, with a video file in the place of a camera."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image

from tests.ros.conftest import Graph, Inbox
from vjepa2_camera.camera_node import CameraNode
from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import TOPIC
from vjepa2_node.images import to_array
from vjepa2_node.parameters import ParameterError
from vjepa2_node.stamps import now_seconds, to_seconds

CONFIGURE, CLEANUP = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_CLEANUP
ACTIVATE, DEACTIVATE = Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_DEACTIVATE
FRAMES = 5
WIDTH, HEIGHT = 64, 48
EACH = QoSProfile(depth=50, reliability=ReliabilityPolicy.BEST_EFFORT)
"""For readers that are to miss no picture, however busy the host is."""


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video that brightens from frame to frame."""
    path = str(tmp_path_factory.mktemp("video") / "rising.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (WIDTH, HEIGHT))
    for index in range(FRAMES):
        writer.write(np.full((HEIGHT, WIDTH, 3), 50 * index, np.uint8))
    writer.release()
    return path


def _images(graph: Graph) -> Inbox:
    return graph.collect(Image, names.IMAGE, EACH)


def _statuses(graph: Graph) -> Inbox:
    return graph.collect(CameraStatus, names.CAMERA_STATUS, qos.LATCHED)


LATENCY = 0.1
"""Default of `arrival_latency` [s]."""


def _stamp(message: Any) -> float:
    return to_seconds(message.header.stamp)


def _level(message: Image) -> int:
    return round(to_array(message).mean() / 50)


def test_a_video_is_published_in_order_at_its_rate(graph, video):
    """Stamps are times of arrival, which the status says."""
    images, statuses = _images(graph), _statuses(graph)
    before = now_seconds(graph.client.get_clock())
    graph.add(CameraNode, source="video", device=video, loop=True)
    messages = images.next(12)
    # Without a stamp of its own, a picture counts as older than its arrival.
    assert before - LATENCY < _stamp(messages[0])
    assert _stamp(messages[-1]) < now_seconds(graph.client.get_clock()) - LATENCY
    assert np.median(np.diff([_stamp(m) for m in messages])) == pytest.approx(1 / 20, rel=0.2)
    for one, next_one in pairwise(messages):
        assert _level(next_one) == (_level(one) + 1) % FRAMES
    assert messages[0].header.frame_id == names.CAMERA_FRAME
    status = statuses.until(lambda status: status.rate > 15)
    assert (status.source, status.stamps_estimated, status.message) == ("video", True, "")
    assert (status.width, status.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [0, 0, 0, 0]),
        ({"field_of_view": 90.0}, [24, 24, 31.5, 23.5]),
        ({"focal_length": [50.0, 51.0]}, [50, 51, 31.5, 23.5]),
        ({"focal_length": [50.0, 51.0], "principal_point": [30.0, 20.0]}, [50, 51, 30, 20]),
    ],
)
def test_intrinsics_are_as_given(graph, video, parameters, expected):
    """With the stamp of a picture; zero where nothing is known."""
    images = _images(graph)
    infos = graph.collect(CameraInfo, names.CAMERA_INFO, qos.IMAGES)
    graph.add(CameraNode, source="video", device=video, loop=True, **parameters)
    stamps = {_stamp(message) for message in infos.next(5)}
    assert images.until(lambda message: _stamp(message) in stamps)
    k = infos.messages[0].k
    np.testing.assert_allclose([k[0], k[4], k[2], k[5]], expected)
    assert (infos.messages[0].width, infos.messages[0].height) == (WIDTH, HEIGHT)


def test_the_end_of_a_video_is_told(graph, video):
    """Its sentence is in the status; the node can be activated again."""
    images, statuses = _images(graph), _statuses(graph)
    graph.add(CameraNode, source="video", device=video)
    images.next(FRAMES)
    statuses.until(lambda status: "over" in status.message)
    graph.change("camera", DEACTIVATE)
    graph.change("camera", ACTIVATE)
    assert [_level(message) for message in images.next(FRAMES)] == list(range(FRAMES))


def test_a_realsense_recording_is_published(graph, tmp_path):
    """With serial number, lens and the stamps of an old recording: those of arrival."""
    pytest.importorskip("pyrealsense2", reason="pyrealsense2 comes for x86-64 only")
    from tests.ros.realsense_recording import SERIAL, Recording

    path = tmp_path / "colour.db3"
    Recording(path, first=0.0).write()
    images, statuses = _images(graph), _statuses(graph)
    infos = graph.collect(CameraInfo, names.CAMERA_INFO, qos.IMAGES)
    graph.add(CameraNode, source="realsense", device=str(path), loop=True)
    assert images.until(lambda message: to_array(message)[0, 0].tolist() == [250, 0, 0])
    assert infos.until().k[0] == 50.0
    status = statuses.until(lambda status: status.width)
    assert (status.source, status.serial, status.stamps_estimated) == ("realsense", SERIAL, True)


def test_its_health_is_in_the_diagnostics(graph, video):
    """Rate, size, age and losses while all is well."""
    inbox = graph.collect(DiagnosticArray, TOPIC, qos.EVENTS)
    graph.add(CameraNode, source="video", device=video, loop=True)
    status = inbox.until(lambda m: float(_health(m).get("image_rate_hz", 0)) > 10).status[0]
    values = {pair.key: pair.value for pair in status.values}
    assert (status.level, status.message) == (DiagnosticStatus.OK, "well")
    assert (values["source"], values["image_size"]) == ("video", f"{WIDTH}x{HEIGHT}")
    assert (values["images_dropped"], values["stamps_estimated"]) == ("0", "True")
    assert LATENCY <= float(values["image_age_s"]) < 5.0


def test_a_fault_is_an_error_in_the_diagnostics(graph, video):
    """With its sentence; the age goes on rising, the rate falls."""
    inbox = graph.collect(DiagnosticArray, TOPIC, qos.EVENTS)
    graph.add(CameraNode, source="video", device=video)
    array = inbox.until(lambda m: float(_health(m).get("image_age_s", 0)) > 2.0)
    assert array.status[0].level == DiagnosticStatus.ERROR
    assert "is over" in array.status[0].message
    inbox.until(lambda m: "image_age_s" in _health(m) and _health(m)["image_rate_hz"] == "0")


def _health(array: DiagnosticArray) -> dict[str, str]:
    return {pair.key: pair.value for pair in array.status[0].values}


def test_inactive_it_is_silent(graph, video):
    """No picture after it was deactivated, and the status says why."""
    images, statuses = _images(graph), _statuses(graph)
    graph.add(CameraNode, source="video", device=video, loop=True)
    images.next(3)
    graph.change("camera", DEACTIVATE)
    inactive = now_seconds(graph.client.get_clock())
    statuses.until(lambda status: "not active" in status.message)
    graph.change("camera", ACTIVATE)
    fresh = images.until(lambda message: _stamp(message) > inactive - LATENCY)
    assert _level(fresh) == 0
    graph.change("camera", DEACTIVATE)
    graph.change("camera", CLEANUP)
    graph.change("camera", CONFIGURE)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"source": "video", "device": "gone.mp4"}, "no video file 'gone.mp4'"),
        ({"source": "v4l2", "device": "97"}, "no camera /dev/video97"),
        ({"source": "realsense", "device": "gone.db3"}, "no RealSense recording 'gone.db3'"),
    ],
)
def test_a_source_that_is_not_there_is_found_out_early(graph, capfd, parameters, named):
    """Configuring is refused, and the log names it."""
    graph.add(CameraNode, active=False, **parameters)
    graph.change("camera", CONFIGURE, expected=False)
    assert named in capfd.readouterr().err


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"source": "eye"}, "source must be one of v4l2, realsense, video, topic"),
        ({"source": "video", "width": 64, "height": 48}, "width and height"),
        ({"width": 640}, "640 x 0"),
        ({"source": "topic", "width": 64, "height": 48}, "width and height .* a topic"),
        ({"source": "topic", "frame_rate": 5.0}, "frame_rate"),
        ({"loop": True}, "loop"),
        ({"source": "realsense", "loop": True}, "loop"),
        ({"source": "video", "serial": "5"}, "serial"),
        ({"exposure": 8.0}, "exposure is for realsense"),
        ({"source": "realsense", "device": "a.db3", "exposure": 8.0}, "exposure"),
        ({"focal_length": [1.0]}, "focal_length"),
        ({"focal_length": [1.0, 0.0]}, "focal_length"),
        ({"focal_length": [1.0, 1.0], "field_of_view": 50.0}, "field_of_view"),
        ({"principal_point": [1.0, 1.0]}, "principal_point"),
        ({"frame_rate": -1.0}, "frame_rate"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(graph, parameters, named):
    """Also values that do not go together."""
    with pytest.raises(ParameterError, match=named):
        graph.add(CameraNode, active=False, **parameters)

"""Another node's image topic as the source of the camera node."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image

from tests.ros.conftest import WAIT, Graph
from vjepa2_camera.camera_node import CameraNode
from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import TOPIC
from vjepa2_node.images import to_array, to_message
from vjepa2_node.stamps import now_seconds, to_seconds

CONFIGURE, DEACTIVATE = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_DEACTIVATE
SEEN = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
LATENCY = 0.1
"""Default of `arrival_latency` [s]."""


class Peer:
    """A camera of somebody else, whose pictures the test sends one by one."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.images = graph.collect(Image, names.IMAGE, qos.IMAGES)
        self.infos = graph.collect(CameraInfo, names.CAMERA_INFO, qos.IMAGES)
        self.statuses = graph.collect(CameraStatus, names.CAMERA_STATUS, qos.LATCHED)
        self.health = graph.collect(DiagnosticArray, TOPIC, qos.EVENTS)
        self._image = graph.client.create_publisher(Image, "theirs/image", qos.EVENTS)
        self._info = graph.client.create_publisher(CameraInfo, "theirs/camera_info", qos.EVENTS)
        self.camera = graph.add(CameraNode, source="topic", device="theirs/image")
        for publisher in (self._image, self._info):
            _await_subscriber(publisher)

    def now(self) -> float:
        return now_seconds(self.graph.client.get_clock())

    def send(self, stamp: float, encoding: str = "rgb8", image: np.ndarray = SEEN) -> None:
        message = to_message(image, stamp, "their_frame")
        message.encoding = encoding
        self._image.publish(message)

    def passed_on(self, stamp: float) -> Image:
        """The picture with this stamp."""
        return self.images.until(lambda m: _stamp(m) == stamp)

    def told(self, key: str, value: str) -> DiagnosticStatus:
        """The first diagnostics with this value."""
        return self.health.until(lambda m: _values(m).get(key) == value).status[0]

    def describe(self, focal: float, width: int, height: int) -> None:
        info = CameraInfo(width=width, height=height, distortion_model="plumb_bob")
        info.k, info.d = [focal, 0.0, 2.5, 0.0, focal, 1.5, 0.0, 0.0, 1.0], [0.1] * 5
        self._info.publish(info)


@pytest.fixture
def peer(graph: Graph) -> Peer:
    return Peer(graph)


def _await_subscriber(publisher: Publisher) -> None:
    deadline = time.monotonic() + WAIT
    while not publisher.get_subscription_count():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _stamp(message: Any) -> float:
    return to_seconds(message.header.stamp)


def _values(array: DiagnosticArray) -> dict[str, str]:
    return {pair.key: pair.value for pair in array.status[0].values}


def test_pictures_keep_pixels_and_stamps(peer: Peer) -> None:
    """In rgb8, whatever they came in; the topic is the serial."""
    stamp = peer.now()
    peer.send(stamp, "bgr8")
    message = peer.passed_on(stamp)
    np.testing.assert_array_equal(to_array(message), SEEN[:, :, ::-1])
    assert message.encoding == "rgb8"
    assert _stamp(message) == stamp
    status = peer.statuses.until(lambda status: status.width)
    assert (status.source, status.serial) == ("topic", "/theirs/image")
    assert (status.width, status.height, status.stamps_estimated) == (6, 4, False)


def test_stamps_that_cannot_be_are_dropped_and_counted(peer: Peer) -> None:
    """Each under its name, and the next good one passes."""
    first = peer.now()
    peer.send(first)
    peer.passed_on(first)
    for dropped, reason in ((first, "repeated"), (first - 1, "backward"), (first + 9, "future")):
        peer.send(dropped)
        status = peer.told(f"images_dropped_{reason}_stamp", "1")
        assert status.level == DiagnosticStatus.ERROR
        assert reason in status.message
    last = peer.now()
    peer.send(last)
    peer.passed_on(last)
    assert [_stamp(message) for message in peer.images.messages] == [first, last]
    assert _values(peer.health.messages[-1])["images_dropped"] == "3"


def test_an_encoding_that_is_not_known_is_told(peer: Peer) -> None:
    """By name, with those that are; nothing is published."""
    peer.send(peer.now(), "bayer_rggb8")
    status = peer.told("images_dropped_unreadable", "1")
    assert "/theirs/image: image encoding must be one of rgb8, bgr8" in status.message
    assert "'bayer_rggb8'" in status.message
    assert peer.images.messages == []


def test_without_a_stamp_the_arrival_is_marked_as_estimated(peer: Peer) -> None:
    """It counts as older than its arrival."""
    before = peer.now()
    peer.send(0.0)
    message = peer.images.until()
    assert before - LATENCY < _stamp(message) < peer.now() - LATENCY
    assert peer.statuses.until(lambda status: status.width).stamps_estimated


def test_the_lens_comes_from_camera_info_beside_it(peer: Peer) -> None:
    """Of the same size; of another one it is that of another picture."""
    for focal, tangential, size in ((50.0, 0.1, (6, 4)), (0.0, 0.0, (12, 8))):
        peer.describe(50.0, *size)
        deadline = time.monotonic() + WAIT
        # Nothing orders two topics: pictures are sent until one has met the description.
        while not peer.infos.messages or peer.infos.messages[-1].k[0] != focal:
            assert time.monotonic() < deadline
            peer.send(stamp := peer.now())
            peer.passed_on(stamp)
        assert peer.infos.messages[-1].d[3] == tangential


def test_inactive_it_is_silent(peer: Peer) -> None:
    """The subscription is gone with it."""
    peer.graph.change("camera", DEACTIVATE)
    assert peer._image.get_subscription_count() == 0


@pytest.mark.parametrize(
    ("device", "sentence"),
    [("", "needs the topic"), ("camera/image_raw", "the camera's own topic")],
)
def test_a_topic_that_cannot_be_is_refused(graph: Graph, capfd, device, sentence) -> None:
    """When it is configured."""
    graph.add(CameraNode, active=False, source="topic", device=device)
    graph.change("camera", CONFIGURE, expected=False)
    assert sentence in capfd.readouterr().err

"""Image messages: whose fields contradict each other, and what the nodes make of them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from sensor_msgs.msg import CameraInfo, Image

from tests.fuzz.cases import ACCEPTED, sizes
from tests.fuzz.messages import messages
from tests.fuzz.page import Page
from tests.ros.conftest import Graph, domain, graph
from vjepa2_camera.camera_node import CameraNode
from vjepa2_msgs.msg import WorldModelCode
from vjepa2_msgs.srv import EncodeView, ListTasks
from vjepa2_node import names, qos
from vjepa2_node.images import ImageError, to_array, to_message
from vjepa2_node.stamps import now_seconds, to_seconds
from vjepa2_planning.sequencer_node import SequencerNode
from vjepa2_world_model.world_model_node import WorldModelNode

__all__ = ["domain", "graph"]  # fixtures
TRIES = 5
"""Sensor data may be lost; each message is sent so often until the node has it."""


@sizes(1500)
def test_conversion(cases: int, page: Page) -> None:
    """ImageError, or an image of the message's size."""

    def examine(message: Image) -> str:
        try:
            image = to_array(message)
        except ImageError:
            return "ImageError"
        assert image.dtype == np.uint8
        assert image.shape == (message.height, message.width, 3)
        return ACCEPTED

    tally = page.tally("image messages: conversion")
    tally.draw(messages(Image), cases, examine)
    tally.check()


class Lens:
    """Publishes as a camera does; the nodes behind it run in this process."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.images = graph.collect(Image, names.IMAGE, qos.IMAGES)
        graph.add(WorldModelNode)
        graph.add(SequencerNode)
        graph.add(CameraNode, source="topic", device="theirs/image")
        # Beside the camera node, which publishes there what it takes.
        self._live, self._theirs = (
            graph.client.create_publisher(Image, topic, qos.EVENTS)
            for topic in (names.IMAGE, "theirs/image")
        )
        self._info = graph.client.create_publisher(CameraInfo, "theirs/camera_info", qos.EVENTS)
        self._stamp = 1000

    def show(self, message: Image) -> int:
        """Code of the view that the world model makes of the message, with a stamp of its own."""
        self._stamp += 1
        message.header.stamp.sec = self._stamp
        request = EncodeView.Request(timeout=0.5)
        request.after.sec, request.after.nanosec = self._stamp - 1, 10**9 - 1
        for _ in range(TRIES):
            self._live.publish(message)
            answer = self.graph.call(EncodeView, names.ENCODE_VIEW, request)
            if answer.code.code != WorldModelCode.NO_IMAGE:
                break
        assert answer.code.code == WorldModelCode.OK or answer.message
        return int(answer.code.code)

    def send(self, message: Image, info: CameraInfo) -> None:
        """To the camera node, as somebody else's camera."""
        self._info.publish(info)
        self._theirs.publish(message)

    def works(self) -> None:
        """Assert that a good picture goes through each node."""
        assert self.show(picture(1.0)) == WorldModelCode.OK
        stamp = now_seconds(self.graph.client.get_clock())
        for _ in range(TRIES):  # the camera node drops what comes while it is busy
            self._theirs.publish(picture(stamp))
            if any(abs(to_seconds(m.header.stamp) - stamp) < 1e-6 for m in self.images.messages):
                break
            self.graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request())
        self.images.until(lambda m: abs(to_seconds(m.header.stamp) - stamp) < 1e-6)


def picture(stamp: float) -> Image:
    """A good one."""
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    return to_message(pixels, stamp, "camera")


@sizes(400, 12)
def test_nodes(cases: int, page: Page, graph: Graph) -> None:
    """The world model gives each a code; camera and sequencer go on."""
    lens = Lens(graph)
    lens.works()
    codes = {getattr(WorldModelCode, name): name for name in ("OK", "NO_IMAGE", "BAD_IMAGE")}

    def examine(case: tuple[Image, CameraInfo]) -> str:
        message, info = case
        lens.send(message, info)
        code = codes[lens.show(message)]
        return ACCEPTED if code == "OK" else code

    tally = page.tally("image messages: camera, world model and sequencer")
    tally.draw(st.tuples(messages(Image), messages(CameraInfo)), cases, examine)
    tally.check()
    lens.works()

"""A camera of the test in front of the simulated scene, with faults on demand."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from sensor_msgs.msg import Image

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.srv import RenderView
from vjepa2_node import names
from vjepa2_node.calls import call
from vjepa2_node.images import to_array, to_message
from vjepa2_node.qos import IMAGES
from vjepa2_node.stamps import to_seconds

SIZE = 128
PERIOD = 0.03
JUMP = 5.0
"""Of the stamps [s]."""


class FaultyCamera:
    """Publishes what the simulation renders.

    fault: may be changed at any time: "", "silent", "frozen", "black", "encoding", "past",
    "future".
    """

    def __init__(self, graph: Graph, topic: str = names.IMAGE) -> None:
        self.fault = ""
        self._graph = graph
        self._last: Any = None
        self._client = graph.client.create_client(RenderView, names.RENDER_VIEW)
        self._publisher = graph.client.create_publisher(Image, topic, IMAGES)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take it off the graph."""
        self._ended.set()
        self._thread.join(WAIT)
        self._graph.client.destroy_publisher(self._publisher)
        self._graph.client.destroy_client(self._client)

    def _run(self) -> None:
        while not self._ended.wait(PERIOD):
            seen = call(self._client, RenderView.Request(size=SIZE), WAIT).image
            if self.fault != "silent":
                self._publisher.publish(self._spoilt(seen))

    def _spoilt(self, seen: Image) -> Image:
        image, stamp = to_array(seen), to_seconds(seen.header.stamp)
        if self.fault == "frozen":
            image = self._last
        self._last = image
        if self.fault == "black":
            image = np.zeros_like(image)
        stamp += {"past": -JUMP, "future": JUMP}.get(self.fault, 0.0)
        message = to_message(image, stamp, names.CAMERA_FRAME)
        if self.fault == "encoding":
            message.encoding = "bayer_rggb8"
        return message

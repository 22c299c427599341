"""A camera of the test in front of the simulated scene, with faults on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sensor_msgs.msg import Image

from tests.ros.conftest import Graph
from vjepa2_msgs.srv import RenderView
from vjepa2_node import names
from vjepa2_node.images import to_array, to_message
from vjepa2_node.qos import IMAGES
from vjepa2_node.stamps import to_seconds

SIZE = 128
PERIOD = 0.03
JUMP = 5.0
"""Of the stamps [s]."""


@dataclass
class FaultyCamera:
    """Publishes what the simulation renders; `fault` may be changed at any time.

    fault: "", "silent", "frozen", "black", "encoding", "past" or "future".
    """

    graph: Graph
    fault: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._publisher = self.graph.client.create_publisher(Image, names.IMAGE, IMAGES)
        self._last: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take it off the graph."""
        self._ended.set()
        self._thread.join(timeout=10.0)
        self.graph.client.destroy_publisher(self._publisher)

    def _run(self) -> None:
        while not self._ended.wait(PERIOD):
            seen = self.graph.call(
                RenderView, names.RENDER_VIEW, RenderView.Request(size=SIZE)
            ).image
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

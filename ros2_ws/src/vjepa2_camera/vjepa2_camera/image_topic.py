"""An image topic of another node as a camera: checked, converted to rgb8, sent on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, Image

from vjepa2_camera.frame_source import SourceError
from vjepa2_camera.stamp_gate import StampGate
from vjepa2_node import names
from vjepa2_node.camera_topics import Picture
from vjepa2_node.images import to_array
from vjepa2_node.intrinsics import Intrinsics
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import IMAGES
from vjepa2_node.stamps import now_seconds, to_seconds


def topic_of(node: ManagedNode, name: str) -> str:
    """The topic in full; raises SourceError for none, and for the one the camera publishes."""
    if not name:
        raise SourceError("source topic needs the topic of the pictures: set `device` to it")
    topic: str = node.resolve_topic_name(name)
    if topic == node.resolve_topic_name(names.IMAGE):
        raise SourceError(f"{topic} is the camera's own topic: let the other one be elsewhere")
    return topic


class ImageTopic:
    """Gives each picture of `topic` to `deliver`, or the reason to `drop`, until stopped.

    Pictures keep their stamps; one without is stamped with its arrival, as an estimate. What is
    known of the lens comes from `camera_info` beside the topic.
    """

    def __init__(
        self,
        node: ManagedNode,
        topic: str,
        deliver: Callable[[Picture], None],
        drop: Callable[[str], None],
    ) -> None:
        self._node = node
        self._topic = topic
        self._deliver = deliver
        self._drop = drop
        self._gate = StampGate()
        self._delivering = threading.Lock()
        self._info: CameraInfo | None = None
        self._busy = self._stopped = False
        self.fault = ""
        beside = f"{topic.rpartition('/')[0]}/camera_info"
        self._subscriptions = [
            node.create_subscription(
                Image, topic, self._arrived, IMAGES, callback_group=node.quick, raw=True
            ),
            node.create_subscription(
                CameraInfo, beside, self._informed, IMAGES, callback_group=node.quick
            ),
        ]

    def stop(self) -> None:
        """No picture is delivered after this."""
        with self._delivering:
            self._stopped = True
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _informed(self, info: CameraInfo) -> None:
        self._info = info

    def _arrived(self, message: bytes) -> None:
        if self._busy:
            self._drop("busy")
            return
        self._busy = True
        now = now_seconds(self._node.get_clock())
        self._node.submit(lambda: self._convert(message, now))

    def _convert(self, message: bytes, now: float) -> None:
        try:
            self._pass_on(deserialize_message(message, Image), now)
        except Exception as error:
            self._refuse("unreadable", " ".join(str(error).split()) or type(error).__name__)
        finally:
            self._busy = False

    def _pass_on(self, image: Image, now: float) -> None:
        told = to_seconds(image.header.stamp)
        stamp = told or now
        if refusal := self._gate.refusal(stamp, now):
            self._refuse(refusal, f"its last picture had a {refusal}")
            return
        picture = Picture(
            to_array(image), stamp, self._lens(image), estimated=not told, serial=self._topic
        )
        self.fault = ""
        with self._delivering:
            if not self._stopped:
                self._deliver(picture)

    def _refuse(self, reason: str, sentence: str) -> None:
        self._drop(reason)
        self.fault = f"{self._topic}: {sentence}"

    def _lens(self, image: Image) -> Intrinsics | None:
        info = self._info
        if info is None or (info.width, info.height) != (image.width, image.height):
            return None
        return Intrinsics.from_message(info)

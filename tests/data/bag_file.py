"""Recorded bags of this stack, whose pictures and states tell their time."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from scipy.spatial.transform import Rotation

MESSAGES = Path(__file__).parents[2] / "ros2_ws/src/vjepa2_msgs/msg"
STATE = "vjepa2_msgs/msg/EndEffectorState"
TYPES = get_typestore(Stores.ROS2_JAZZY)
TYPES.register(get_types_from_msg((MESSAGES / "EndEffectorState.msg").read_text(), STATE))

START = 1_700_000_000.0
HEIGHT, WIDTH = 32, 48


def ns(seconds: float) -> int:
    """Whole nanoseconds of a stamp `seconds` after the start."""
    return int(START * 1e9) + round(seconds * 1e9)


def header(seconds: float, frame: str = "fr3_link0") -> Any:
    whole, rest = divmod(ns(seconds), 1_000_000_000)
    stamp = TYPES.types["builtin_interfaces/msg/Time"](sec=whole, nanosec=rest)
    return TYPES.types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame)


def pose(seconds: float) -> NDArray[np.float64]:
    """A motion that turns the gripper through a roll of pi at 2 s."""
    roll = np.pi - 0.2 + 0.1 * seconds
    angles = Rotation.from_euler("xyz", [roll, 0.1, -0.3]).as_euler("xyz")
    return np.array([0.4 + 0.05 * seconds, -0.1, 0.3, *angles, min(1.0, 0.1 * seconds)])


def picture(seconds: float) -> NDArray[np.uint8]:
    """Grey that tells its time: 20 levels a second; its red is 5 over its blue."""
    level = int(20 * seconds) + 10
    image = np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)
    image[..., 0] += 5
    return image


def image_message(seconds: float, encoding: str = "rgb8") -> Any:
    pixels = picture(seconds)[..., ::-1] if encoding == "bgr8" else picture(seconds)
    return TYPES.types["sensor_msgs/msg/Image"](
        header=header(seconds, "camera_optical_frame"),
        height=HEIGHT,
        width=WIDTH,
        encoding=encoding,
        is_bigendian=0,
        step=3 * WIDTH,
        data=np.ascontiguousarray(pixels).reshape(-1),
    )


def jpeg_message(seconds: float) -> Any:
    file = io.BytesIO()
    Image.fromarray(picture(seconds)).save(file, "JPEG", quality=95)
    return TYPES.types["sensor_msgs/msg/CompressedImage"](
        header=header(seconds), format="jpeg", data=np.frombuffer(file.getvalue(), np.uint8)
    )


def state_message(seconds: float, state: NDArray[np.float64] | None = None) -> Any:
    return TYPES.types[STATE](
        header=header(seconds),
        state=pose(seconds) if state is None else state,
        gripper_width=0.08,
        mode=0,
    )


@dataclass
class Bag:
    """Messages of each topic, with the time at which the bag received them."""

    images: list[tuple[float, Any]] = field(default_factory=list)
    states: list[tuple[float, Any]] = field(default_factory=list)
    image_topic: str = "/camera/image_raw"

    def write(self, path: Path, storage: StoragePlugin = StoragePlugin.MCAP) -> Path:
        with Writer(path, version=9, storage_plugin=storage) as writer:
            topics = {self.image_topic: self.images, "/end_effector_state": self.states}
            rows = []
            for topic, messages in topics.items():
                kind = messages[0][1].__msgtype__ if messages else STATE
                connection = writer.add_connection(topic, kind, typestore=TYPES)
                rows += [(time, connection, message) for time, message in messages]
            for time, connection, message in sorted(rows, key=lambda row: row[0]):
                data = TYPES.serialize_cdr(message, message.__msgtype__)
                writer.write(connection, ns(time + 0.01), data)
        return path


def every(rate: float, until: float, start: float = 0.0) -> list[float]:
    return [float(time) for time in np.arange(start, until, 1.0 / rate)]


def images(times: Iterable[float], encoding: str = "rgb8") -> list[tuple[float, Any]]:
    return [(time, image_message(time, encoding)) for time in times]


def states(times: Iterable[float]) -> list[tuple[float, Any]]:
    return [(time, state_message(time)) for time in times]

"""Image messages from arrays and back, by cv_bridge where ROS has it, else by numpy alone."""

from __future__ import annotations

import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from vjepa2_node.image_bridge import checked_bridge
from vjepa2_node.stamps import to_time

_CHANNELS = {
    "rgb8": (0, 1, 2),
    "bgr8": (2, 1, 0),
    "rgba8": (0, 1, 2),
    "bgra8": (2, 1, 0),
    "mono8": (0, 0, 0),
}
"""Which channels of a pixel are its red, green and blue."""
_BYTES = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}
_PIXEL = bytes((10, 20, 30, 40))
_PROBES = tuple(
    (encoding, _PIXEL[: _BYTES[encoding]], bytes(_PIXEL[channel] for channel in channels))
    for encoding, channels in _CHANNELS.items()
)
"""What a pixel of each encoding has to become."""


class ImageError(ValueError):
    """An image cannot be converted; the message says what is wrong with it."""


def to_message(image: NDArray[np.uint8], stamp: float, frame_id: str) -> Image:
    """An rgb8 message of an image [H,W,3] RGB, captured at `stamp` [s, ROS clock].

    Raises ImageError for another shape or type.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ImageError(
            f"an image must be uint8 [H,W,3] and not empty, not {image.dtype} {list(image.shape)}"
        )
    message = Image(
        height=image.shape[0], width=image.shape[1], encoding="rgb8", step=3 * image.shape[1]
    )
    message.header.stamp = to_time(stamp)
    message.header.frame_id = frame_id
    # 11 us at 256 px. Bytes take 8 ms where rclpy checks fields, a memoryview 4 ms everywhere.
    data = array.array("B")
    data.frombytes(np.ascontiguousarray(image).data)
    message.data = data
    return message


def to_array(message: Image) -> NDArray[np.uint8]:
    """The image [H,W,3] RGB, contiguous; it may share the message's memory.

    Takes rgb8, bgr8, rgba8, bgra8 (alpha is left out) and mono8. Raises ImageError.
    """
    if message.encoding not in _CHANNELS:
        raise ImageError(
            f"image encoding must be one of {', '.join(_CHANNELS)}, not {message.encoding!r}"
        )
    height, width, step = message.height, message.width, message.step
    row = width * _BYTES[message.encoding]
    if not height or not width:
        raise ImageError(f"the image is empty: {width} x {height} px")
    if step < row:
        raise ImageError(
            f"a row of {width} {message.encoding} pixels has {row} bytes, but step is {step}"
        )
    size, expected = len(message.data), step * height
    if size != expected:
        raise ImageError(f"{height} rows of {step} bytes are {expected} bytes, but {size} came")
    rows = np.frombuffer(message.data, dtype=np.uint8).reshape(height, step)
    pixels = rows[:, :row].reshape(height, width, -1)
    if message.encoding == "rgb8":
        return np.ascontiguousarray(pixels)
    if bridge := checked_bridge(_PROBES):
        return bridge(message)
    return np.take(pixels, _CHANNELS[message.encoding], axis=2)

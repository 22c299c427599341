"""Pictures of recorded camera messages."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vjepa2_data.broken_episode import BrokenEpisodeError

RAW = "sensor_msgs/msg/Image"
COMPRESSED = "sensor_msgs/msg/CompressedImage"

_CHANNELS = {
    "rgb8": (0, 1, 2),
    "bgr8": (2, 1, 0),
    "rgba8": (0, 1, 2),
    "bgra8": (2, 1, 0),
    "mono8": (0, 0, 0),
}
"""Which bytes of a pixel are its red, green and blue."""
_BYTES = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}


def to_rgb(message: Any) -> NDArray[np.uint8]:
    """The picture [H,W,3] RGB of a sensor_msgs Image or CompressedImage (JPEG or PNG).

    An odd last row or column is left out: H.264 needs even edges. BrokenEpisodeError says what is
    wrong with the message.
    """
    image = _raw(message) if hasattr(message, "encoding") else _compressed(message)
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    if not height or not width:
        raise BrokenEpisodeError("an image is empty", f"{image.shape[1]} x {image.shape[0]} px")
    return image[:height, :width]


def _raw(message: Any) -> NDArray[np.uint8]:
    if message.encoding not in _CHANNELS:
        raise BrokenEpisodeError(
            "image encoding can't be read",
            f"{message.encoding!r}; record one of {', '.join(_CHANNELS)}",
        )
    row = message.width * _BYTES[message.encoding]
    if message.step < row or message.data.size != message.step * message.height:
        raise BrokenEpisodeError(
            "an image's bytes do not fit its size",
            f"{message.width} x {message.height} px {message.encoding}, "
            f"step {message.step}, {message.data.size} bytes",
        )
    pixels: NDArray[np.uint8] = message.data.reshape(message.height, message.step)[:, :row]
    channels = list(_CHANNELS[message.encoding])
    return pixels.reshape(message.height, message.width, _BYTES[message.encoding])[..., channels]


def _compressed(message: Any) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(message.data.tobytes()), formats=("JPEG", "PNG")) as picture:
            if picture.mode not in ("RGB", "RGBA", "L"):
                raise BrokenEpisodeError(
                    "image encoding can't be read",
                    f"{message.format!r} holds {picture.mode} pixels, not RGB or grey",
                )
            image: NDArray[np.uint8] = np.asarray(picture.convert("RGB"))
            return image
    except BrokenEpisodeError:
        raise
    # What a broken or a monstrous picture leads to in Pillow.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BrokenEpisodeError(
            "a compressed image can't be decoded", f"{message.format!r}: {error}"
        ) from error

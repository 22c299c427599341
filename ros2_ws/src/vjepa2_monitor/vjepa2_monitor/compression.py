"""Camera pictures made small: JPEG to look at, PNG where every bit counts."""

from __future__ import annotations

import array
import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image

from vjepa2_node.images import to_array, to_message
from vjepa2_node.stamps import to_seconds

Format = Literal["jpeg", "png"]
OPTIONS = {"jpeg": {"quality": 90}, "png": {"compress_level": 1}}


def encoded(image: NDArray[np.uint8], kind: Format) -> bytes:
    """The file of an image [H,W,3] RGB."""
    file = io.BytesIO()
    Picture.fromarray(image).save(file, kind, **OPTIONS[kind])
    return file.getvalue()


def compressed(raw: bytes, kind: Format) -> bytes:
    """A CompressedImage as CDR of an Image as CDR. Raises ImageError for one that is none."""
    image = deserialize_message(raw, Image)
    data = array.array("B", encoded(to_array(image), kind))
    message = CompressedImage(header=image.header, format=f"rgb8; {kind} compressed rgb8")
    message.data = data
    return bytes(serialize_message(message))


def uncompressed(message: CompressedImage) -> Image:
    """The image of a PNG or JPEG, as rgb8. Raises ValueError for a file that is neither."""
    try:
        with Picture.open(io.BytesIO(bytes(message.data)), formats=("PNG", "JPEG")) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, Picture.DecompressionBombError) as error:
        raise ValueError(f"a recorded picture is damaged: {error}") from error
    header = message.header
    image = to_message(pixels, to_seconds(header.stamp), header.frame_id)
    image.header = header
    return image

"""Pictures in a recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image

from vjepa2_monitor.compression import Format, compressed, uncompressed
from vjepa2_node.images import to_array, to_message

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3)))


def again(image: NDArray[np.uint8], kind: Format) -> tuple[Image, Image]:
    """A message, and what is left of it after compression."""
    message = to_message(image, 12.5, "camera")
    file = compressed(bytes(serialize_message(message)), kind)
    return message, uncompressed(deserialize_message(file, CompressedImage))


@settings(max_examples=30)
@given(PICTURES)
def test_png_loses_nothing(image: NDArray[np.uint8]) -> None:
    """The same message, to the last bit: plans can be made from it again."""
    message, left = again(image, "png")
    assert left == message


def test_jpeg_is_much_smaller_and_much_the_same() -> None:
    """A smooth picture."""
    ramp = np.linspace(0, 255, 128, dtype=np.uint8)
    image = np.dstack(
        [
            np.tile(ramp, (128, 1)),
            np.tile(ramp[:, None], (1, 128)),
            np.full((128, 128), 90, np.uint8),
        ]
    )
    message, left = again(image, "jpeg")
    assert np.abs(to_array(left).astype(int) - image).mean() < 2
    assert len(compressed(bytes(serialize_message(message)), "jpeg")) < len(message.data) / 8


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_damage_is_named(data: bytes) -> None:
    """ValueError, whatever the bytes."""
    with pytest.raises(ValueError, match="a recorded picture is damaged"):
        uncompressed(CompressedImage(format="png", data=data))

"""Images to messages and back."""

from __future__ import annotations

import array
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image

from vjepa2_node.image_bridge import checked_bridge
from vjepa2_node.images import ImageError, to_array, to_message
from vjepa2_node.stamps import to_seconds

IMAGES = npst.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))
CHANNELS = {"rgb8": [0, 1, 2], "bgr8": [2, 1, 0], "rgba8": [0, 1, 2, 3], "bgra8": [2, 1, 0, 3]}


def _message(pixels: np.ndarray, encoding: str, padding: int = 0) -> Image:
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    message = Image(height=height, width=width, encoding=encoding, step=rows.shape[1])
    message.data = array.array("B", rows.tobytes())
    return message


@given(IMAGES, st.floats(0, 2e9), st.sampled_from([np.array, np.asfortranarray]))
def test_there_and_back(image, stamp, layout):
    """Over the wire, whatever the array's memory is like, pixels and stamp come back."""
    sent = to_message(layout(image), stamp, "eye")
    message = deserialize_message(serialize_message(sent), Image)
    np.testing.assert_array_equal(to_array(message), image)
    assert message.encoding == "rgb8"
    assert message.header.frame_id == "eye"
    assert to_seconds(message.header.stamp) == pytest.approx(stamp, abs=1e-6)


@given(IMAGES, st.sampled_from(sorted(CHANNELS)), st.integers(0, 5))
def test_other_encodings_and_row_steps(image, encoding, padding):
    """Order of channels, alpha and the bytes between rows make no difference."""
    alpha = np.full((*image.shape[:2], 1), 9, np.uint8)
    pixels = np.concatenate([image, alpha], axis=2)[:, :, CHANNELS[encoding]]
    result = to_array(_message(pixels, encoding, padding))
    np.testing.assert_array_equal(result, image)
    assert result.flags.c_contiguous


@given(IMAGES, st.integers(0, 5))
def test_grey_images_are_grey_in_all_channels(image, padding):
    """A mono8 image has its brightness in red, green and blue."""
    grey = image[:, :, 0]
    result = to_array(_message(grey, "mono8", padding))
    for channel in range(3):
        np.testing.assert_array_equal(result[:, :, channel], grey)


OPENCV = {
    "rgb8": None,
    "bgr8": cv2.COLOR_BGR2RGB,
    "rgba8": cv2.COLOR_RGBA2RGB,
    "bgra8": cv2.COLOR_BGRA2RGB,
    "mono8": cv2.COLOR_GRAY2RGB,
}


@given(st.data(), st.sampled_from(sorted(OPENCV)), st.integers(0, 5))
def test_each_encoding_becomes_what_opencv_makes_of_it(data, encoding, padding):
    """cv_bridge converts by OpenCV: where ROS has it, it is what is tested here, by the same."""
    code = OPENCV[encoding]
    channels = {"rgba8": 4, "bgra8": 4, "mono8": 1}.get(encoding, 3)
    shape = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(channels))
    pixels = data.draw(npst.arrays(np.uint8, shape))
    expected = pixels if code is None else cv2.cvtColor(pixels, code)
    result = to_array(_message(pixels, encoding, padding))
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.uint8


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a module of the name `cv_bridge` with the source given, for as long as a test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(source: str) -> None:
        (tmp_path / "cv_bridge.py").write_text(source)
        monkeypatch.delitem(sys.modules, "cv_bridge", raising=False)
        checked_bridge.cache_clear()

    yield install
    sys.modules.pop("cv_bridge", None)
    checked_bridge.cache_clear()


@pytest.mark.parametrize(
    "source",
    [
        "raise ImportError('built for another numpy')",
        "class CvBridge:\n    def imgmsg_to_cv2(self, message, wanted):\n"
        "        raise SystemError('built for another numpy')",
        "import numpy\nclass CvBridge:\n    def imgmsg_to_cv2(self, message, wanted):\n"
        "        return numpy.zeros((message.height, message.width, 3), numpy.uint8)",
    ],
)
def test_a_cv_bridge_that_fails_or_differs_is_not_used(installed, source):
    """Whether at its import, at a conversion, or in what it gives."""
    installed(source)
    pixels = np.array([[[10, 20, 30]]], np.uint8)
    np.testing.assert_array_equal(to_array(_message(pixels, "bgr8")), pixels[:, :, ::-1])


def test_a_cv_bridge_that_agrees_is_handed_the_whole_message(installed):
    """A stand-in that converts by OpenCV: this is of the way to it and back, not of cv_bridge."""
    installed(
        "import cv2, numpy\n"
        "sizes = []\n"
        "class CvBridge:\n"
        "    def imgmsg_to_cv2(self, message, wanted):\n"
        "        sizes.append((message.width, message.height))\n"
        "        code = getattr(cv2, {'bgr8': 'COLOR_BGR2RGB', 'rgba8': 'COLOR_RGBA2RGB',\n"
        "            'bgra8': 'COLOR_BGRA2RGB', 'mono8': 'COLOR_GRAY2RGB'}.get(\n"
        "            message.encoding, 'COLOR_BGR2RGB'))\n"
        "        rows = numpy.array(message.data).reshape(message.height, message.width, -1)\n"
        "        return rows if message.encoding == wanted else cv2.cvtColor(rows, code)\n"
    )
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(to_array(_message(pixels, "bgr8")), pixels[:, :, ::-1])
    assert sys.modules["cv_bridge"].sizes[-1] == (4, 2)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"encoding": "16UC1"}, "16UC1.*|rgb8, bgr8"),
        ({"width": 0}, "empty"),
        ({"height": 3}, "3 rows.*12"),
        ({"step": 11}, "step is 11"),
        ({"step": 13}, "26 bytes, but 24"),
        ({"data": array.array("B")}, "but 0 came"),
    ],
)
def test_a_bad_message_is_refused_by_name(change, named):
    """The error says what does not fit."""
    message = to_message(np.zeros((2, 4, 3), np.uint8), 0.0, "")
    for field, value in change.items():
        setattr(message, field, value)
    with pytest.raises(ImageError, match=named):
        to_array(message)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 2, 3)),
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_image_is_refused(image):
    """Type and shape are named."""
    with pytest.raises(ImageError, match=r"uint8 \[H,W,3\].*not"):
        to_message(image, 0.0, "")

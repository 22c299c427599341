"""Frames that are kept until it is known which of them were planned from."""

from __future__ import annotations

import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

from vjepa2_monitor.recent_frames import LIMIT_BYTES, LIMIT_COUNT, RecentFrames, stamp_of
from vjepa2_node.stamps import to_seconds


@given(sec=st.integers(0, 2**31 - 1), nanosec=st.integers(0, 999_999_999))
def test_stamps_are_read_off_serialized_messages(sec: int, nanosec: int) -> None:
    """As the whole message would tell."""
    image = Image()
    image.header.stamp = Time(sec=sec, nanosec=nanosec)
    image.header.frame_id = "camera"
    assert stamp_of(bytes(serialize_message(image))) == to_seconds(image.header.stamp)


def test_a_frame_may_come_before_or_after_it_is_wanted() -> None:
    """Either way it is found, and nothing is missing in the end."""
    frames = RecentFrames()
    assert frames.keep(1.0, b"one") is False
    assert frames.want(1.0) == b"one"
    assert frames.want(2.0) is None
    assert frames.missing == {2.0}
    assert frames.keep(2.0, b"two") is True
    assert not frames.missing


@pytest.mark.parametrize("size", [1, LIMIT_BYTES // 4])
def test_old_frames_go_first(size: int) -> None:
    """By number, or by what they take."""
    frames, raw = RecentFrames(), bytes(size)
    for stamp in range(1, 2 * LIMIT_COUNT):
        frames.keep(float(stamp), raw)
    kept = [s for s in range(1, 2 * LIMIT_COUNT) if frames.want(float(s)) is not None]
    assert kept == list(
        range(2 * LIMIT_COUNT - min(LIMIT_COUNT, LIMIT_BYTES // size), 2 * LIMIT_COUNT)
    )

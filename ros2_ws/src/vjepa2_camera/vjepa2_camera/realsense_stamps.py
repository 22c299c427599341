"""When a RealSense frame was captured, as far as the camera tells."""

from __future__ import annotations

import pyrealsense2 as rs

MAX_EXPOSURE = 1.0
"""More between the middle of the exposure and its read-out is not believed [s]."""


def capture_time(frame: rs.frame) -> float | None:
    """Middle of the exposure by the host's system clock [s]; None where that is not known.

    Only global time is of the device and on that clock. A frame in `hardware_clock` is on one
    that nothing relates to the host's; `system_time` is that of its arrival. Global time is of
    the read-out; with its metadata, the frame tells how long before that the exposure was.
    Domains and metadata: rs_frame.h of librealsense.
    """
    if frame.get_frame_timestamp_domain() != rs.timestamp_domain.global_time:
        return None
    return float(frame.get_timestamp()) / 1e3 - _readout_delay(frame)


def _readout_delay(frame: rs.frame) -> float:
    readout, exposure = (
        rs.frame_metadata_value.frame_timestamp,
        rs.frame_metadata_value.sensor_timestamp,
    )
    if not all(frame.supports_frame_metadata(value) for value in (readout, exposure)):
        return 0.0
    microseconds = frame.get_frame_metadata(readout) - frame.get_frame_metadata(exposure)
    delay = float(microseconds) / 1e6
    return delay if 0.0 <= delay <= MAX_EXPOSURE else 0.0

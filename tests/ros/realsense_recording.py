"""Recordings of a RealSense camera that librealsense itself makes, of a device of software."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyrealsense2 as rs

SERIAL = "0123456789"
WIDTH, HEIGHT = 64, 48
PERIOD = 0.02
EXPOSURE_DELAY = 0.008
"""From the middle of the exposure to the read-out, as the frames' metadata tell [s]."""


def colour_stream(model: rs.distortion = rs.distortion.none, k1: float = 0.0) -> rs.video_stream:
    """The colour stream of the camera, with the distortion given."""
    lens = rs.intrinsics()
    lens.width, lens.height = WIDTH, HEIGHT
    lens.fx, lens.fy, lens.ppx, lens.ppy = 50.0, 51.0, 31.0, 24.0
    lens.model, lens.coeffs = model, [k1, 0.0, 0.0, 0.0, 0.0]
    stream = rs.video_stream()
    stream.type, stream.index, stream.uid = rs.stream.color, 0, 0
    stream.width, stream.height, stream.fps = WIDTH, HEIGHT, 50
    stream.bpp, stream.fmt, stream.intrinsics = 3, rs.format.rgb8, lens
    return stream


@dataclass
class Recording:
    """numbers: of the frames. domain: the clock of their stamps; first: stamp of frame 0 [s].
    period: between frames [s].

    The left half of a frame is red; the right one is brighter by 20 with each frame.
    """

    path: Path
    numbers: Sequence[int] = tuple(range(8))
    domain: rs.timestamp_domain = rs.timestamp_domain.global_time
    first: float = field(default_factory=time.time)
    metadata: bool = True
    period: float = PERIOD
    serial: str = SERIAL

    def stamp(self, number: int) -> float:
        """Of a frame's read-out [s]."""
        return self.first + number * self.period

    def write(self) -> Recording:
        """Play the frames to librealsense's recorder."""
        device = rs.software_device()
        device.register_info(rs.camera_info.name, "D435 of software")
        device.register_info(rs.camera_info.serial_number, self.serial)
        sensor = device.add_sensor("RGB Camera")
        profile = sensor.add_video_stream(colour_stream()).as_video_stream_profile()
        recorder = rs.recorder(str(self.path), device)
        recorded = recorder.query_sensors()[0]
        recorded.open(recorded.get_stream_profiles()[0])
        recorded.start(rs.frame_queue(len(self.numbers)))
        started = time.monotonic()
        for index, number in enumerate(self.numbers):
            # They are played in the time that they were recorded in.
            time.sleep(max(started + index * self.period - time.monotonic(), 0.0))
            sensor.on_video_frame(self._frame(sensor, number, profile))
        recorded.stop()
        recorded.close()
        return self

    def _frame(
        self, sensor: rs.software_sensor, number: int, profile: rs.video_stream_profile
    ) -> rs.software_video_frame:
        if self.metadata:
            readout = 1_000_000 + number * round(self.period * 1e6)
            value = rs.frame_metadata_value
            sensor.set_metadata(value.frame_timestamp, readout)
            sensor.set_metadata(value.sensor_timestamp, readout - round(EXPOSURE_DELAY * 1e6))
        frame = rs.software_video_frame()
        frame.pixels = picture(number)
        frame.bpp, frame.stride = 3, 3 * WIDTH
        frame.timestamp, frame.domain = 1000 * self.stamp(number), self.domain
        frame.frame_number, frame.profile = number, profile
        return frame


def picture(number: int) -> np.ndarray:
    """What the camera saw in a frame: uint8 [H,W,3] RGB."""
    seen = np.full((HEIGHT, WIDTH, 3), 20 * number, np.uint8)
    seen[:, : WIDTH // 2] = (250, 0, 0)
    return seen

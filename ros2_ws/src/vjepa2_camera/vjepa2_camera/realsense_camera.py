"""A RealSense camera's colour stream, or a recording of one, through librealsense."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyrealsense2 as rs

from vjepa2_camera.device_stamps import DeviceStamps
from vjepa2_camera.frame_source import CameraFrame, SourceError
from vjepa2_camera.realsense_sensor import lens_of, set_exposure, use_global_time
from vjepa2_camera.realsense_stamps import capture_time
from vjepa2_node.intrinsics import Intrinsics

SILENT_SECONDS = 2.0
"""Without a frame for so long, the camera counts as unplugged."""
LOOK_UP_MS = 200


class RealSenseCamera:
    """serial: of the camera; empty: the only one there. recording: a file in its place.

    width, height [px], rate [Hz]: 0: the camera's default. exposure: fixed [ms]; 0: automatic.
    loop: begin a recording again at its end. wall_clock: the one that global time is on.
    """

    def __init__(
        self,
        serial: str = "",
        recording: str = "",
        width: int = 0,
        height: int = 0,
        rate: float = 0.0,
        exposure: float = 0.0,
        loop: bool = False,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.retry_seconds = 0.0 if recording else 1.0
        self._wanted = self._serial = serial
        self._recording = recording
        self._size = width, height
        self._rate = rate
        self._exposure = exposure
        self._loop = loop
        self._wall_clock = wall_clock
        self._pipeline: rs.pipeline | None = None

    def open(self) -> None:
        """Start the stream."""
        self.close()
        config = rs.config()
        if self._recording:
            if not Path(self._recording).is_file():
                raise SourceError(
                    f"there is no RealSense recording {self._recording!r}; check the path in "
                    "`device`, or leave it empty for a camera"
                )
            config.enable_device_from_file(self._recording, self._loop)
        else:
            config.enable_device(choose(self._wanted, connected_serials()))
        config.enable_stream(rs.stream.color, 0, *self._size, rs.format.rgb8, round(self._rate))
        # One frame: a reader that was late must be given the newest one.
        self._queue = rs.frame_queue(1)
        pipeline = rs.pipeline()
        try:
            profile = pipeline.start(config, self._queue)
        except RuntimeError as error:
            raise SourceError(self._refused(error)) from error
        self._pipeline = pipeline
        try:
            self._look_at(profile)
        except RuntimeError as error:
            self.close()
            raise SourceError(f"{self._name()} cannot be set up: {error}") from error

    def read(self, stopped: threading.Event) -> CameraFrame | None:
        """The next frame, stamped with the middle of its exposure where the camera tells it."""
        deadline = time.monotonic() + SILENT_SECONDS
        while not stopped.is_set():
            fresh, frame = self._queue.try_wait_for_frame(LOOK_UP_MS)
            if fresh:
                return self._taken(_colour(frame))
            if self._is_over():
                raise SourceError(f"{self._name()} is over; set `loop` to play it again")
            if time.monotonic() > deadline:
                raise SourceError(f"{self._name()} sends no pictures; is it plugged in?")
        return None

    def close(self) -> None:
        """Stop the stream and let go of the camera."""
        if self._pipeline is not None:
            with suppress(RuntimeError):  # it may be gone
                self._pipeline.stop()
            self._pipeline = None

    def _look_at(self, profile: rs.pipeline_profile) -> None:
        device = profile.get_device()
        self._serial = device.get_info(rs.camera_info.serial_number)
        if self._wanted not in ("", self._serial):
            raise RuntimeError(f"it is of the camera {self._serial}, not {self._wanted}")
        # Opened again, it must be the same: a calibration and goals belong to one camera.
        self._wanted = self._serial
        self._playback = device.as_playback() if self._recording else None
        stream = profile.get_stream(rs.stream.color)
        self._lens: Intrinsics = lens_of(stream.as_video_stream_profile())
        self._stamps = DeviceStamps()
        self._number: int | None = None
        if not self._recording:
            sensor = _sensor_of_colour(device)
            use_global_time(sensor)
            set_exposure(sensor, self._exposure)

    def _taken(self, frame: rs.video_frame) -> CameraFrame:
        arrival, now = time.monotonic(), self._wall_clock()
        captured = capture_time(frame)
        if captured is None:
            stamp, estimated = arrival, True
        else:
            stamp, estimated = self._stamps.of(arrival - (now - captured), arrival)
        last, self._number = self._number, frame.get_frame_number()
        lost = max(self._number - last - 1, 0) if last is not None else 0
        # A copy: librealsense has few buffers and uses them again.
        image = np.array(frame.get_data(), np.uint8)
        return CameraFrame(image, stamp, estimated, self._serial, self._lens, lost)

    def _is_over(self) -> bool:
        return (
            self._playback is not None
            and self._playback.current_status() == rs.playback_status.stopped
        )

    def _name(self) -> str:
        if self._recording:
            return f"the RealSense recording {self._recording!r}"
        return f"the RealSense camera {self._serial}"

    def _refused(self, error: RuntimeError) -> str:
        if self._recording:
            return f"{self._name()} has no such rgb8 colour stream: {error}"
        width, height = self._size
        return (
            f"the RealSense camera gives no colour stream of {width} x {height} px at "
            f"{self._rate:g} Hz (0: any), or another program has it: {error}; "
            "`rs-enumerate-devices` lists its streams"
        )


def connected_serials() -> list[str]:
    """Serial numbers of all RealSense cameras that are plugged in."""
    return sorted(
        device.get_info(rs.camera_info.serial_number) for device in rs.context().query_devices()
    )


def choose(wanted: str, present: list[str]) -> str:
    """The serial number to open; raises SourceError for none, and for several without a wish."""
    if not present:
        raise SourceError(
            "no RealSense camera is here: plug one into a USB 3 port, install librealsense's udev "
            "rules, or pass the USB devices on to this container"
        )
    if wanted in present:
        return wanted
    if wanted:
        raise SourceError(
            f"there is no RealSense camera {wanted}; `serial` may be one of {', '.join(present)}"
        )
    if len(present) > 1:
        raise SourceError(
            f"several RealSense cameras are here: set `serial` to one of {', '.join(present)}"
        )
    return present[0]


def _colour(frame: rs.frame) -> rs.video_frame:
    if frame.is_frameset():
        return frame.as_frameset().get_color_frame()
    return frame.as_video_frame()


def _sensor_of_colour(device: rs.device) -> rs.sensor:
    return next(
        sensor
        for sensor in device.query_sensors()
        if any(p.stream_type() == rs.stream.color for p in sensor.get_stream_profiles())
    )

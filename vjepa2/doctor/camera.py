"""The camera that was named, by the code that the camera node reads it with."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host
from vjepa2_camera.frame_source import CameraFrame, FrameSource, SourceError
from vjepa2_camera.v4l2_device import V4l2Device
from vjepa2_camera.video_file import VideoFile

REALSENSE = "realsense"
"""Names the only one there, or, with a colon and its serial number behind, one of several."""
SECONDS = 2.0
"""How long frames are counted."""
LEAST_RATE = 5.0
"""What the preflight of a task asks for by default (`preflight.min_rate`) [Hz]."""


def check(host: Host) -> Finding:
    """Whether it sends pictures, of which size, how often, and with whose stamps."""
    source = _source(host.camera)
    try:
        source.open()
        frames = _frames(source)
    except SourceError as error:
        return missing(
            "camera", str(error), "see that it is plugged in and that no one else has it"
        )
    finally:
        source.close()
    if len(frames) < 2:
        return missing(
            "camera",
            f"{host.camera} sent {len(frames)} pictures in {SECONDS:g} s",
            "plug it into a port of its own, or take another cable",
        )
    rate = (len(frames) - 1) / (frames[-1].stamp - frames[0].stamp)
    height, width = frames[-1].image.shape[:2]
    stamps = "of arrival" if frames[-1].estimated else "of the device"
    found = f"{host.camera}: {width} x {height}, {rate:.1f} Hz measured, stamps {stamps}"
    if rate < LEAST_RATE:
        return warning(
            "camera",
            found,
            f"tasks ask for {LEAST_RATE:g} Hz: more light, a smaller picture, or a USB 3 port",
        )
    return ok("camera", found)


def _source(camera: str) -> FrameSource:
    if camera.startswith(REALSENSE):
        from vjepa2_camera.realsense_camera import RealSenseCamera

        return RealSenseCamera(camera.removeprefix(REALSENSE).removeprefix(":"))
    return VideoFile(camera, loop=True) if Path(camera).is_file() else V4l2Device(camera)


def _frames(source: FrameSource) -> list[CameraFrame]:
    """Those of `SECONDS`, after a first one, which the device may have had lying ready."""
    never = threading.Event()
    source.read(never)
    frames = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        frame = source.read(never)
        if frame is not None:
            frames.append(frame)
    return frames

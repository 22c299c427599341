"""A RealSense camera: recordings through the real pipeline, settings on a device of software."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

rs = pytest.importorskip("pyrealsense2", reason="pyrealsense2 comes for x86-64 only")

from tests.ros.conftest import WAIT  # noqa: E402
from tests.ros.realsense_recording import (  # noqa: E402
    EXPOSURE_DELAY,
    SERIAL,
    Recording,
    colour_stream,
    picture,
)
from vjepa2_camera import realsense_camera  # noqa: E402
from vjepa2_camera.frame_reader import FrameReader  # noqa: E402
from vjepa2_camera.frame_source import CameraFrame, SourceError  # noqa: E402
from vjepa2_camera.realsense_camera import RealSenseCamera, choose  # noqa: E402
from vjepa2_camera.realsense_sensor import (  # noqa: E402
    exposure_unit,
    lens_of,
    set_exposure,
    use_global_time,
)
from vjepa2_node.intrinsics import Intrinsics  # noqa: E402

AGE = 0.04
"""Of a frame that arrives, by the clock that the tests give the camera [s]."""
STOPPED = threading.Event()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Frames 0 to 7 on global time, with the metadata of their exposure."""
    return Recording(tmp_path_factory.mktemp("realsense") / "colour.db3").write()


@contextmanager
def opened(recording: Recording, **options) -> Iterator[RealSenseCamera]:
    """A camera that plays a recording."""
    camera = RealSenseCamera(recording=str(recording.path), **options)
    camera.open()
    try:
        yield camera
    finally:
        camera.close()


def frames_of(camera: RealSenseCamera) -> list[CameraFrame]:
    """All frames until it is over."""
    frames = []
    with pytest.raises(SourceError, match=r"recording.*is over; set `loop`"):
        while (frame := camera.read(STOPPED)) is not None:
            frames.append(frame)
    return frames


def number_of(frame: CameraFrame) -> int:
    """Which frame of the recording it is."""
    return int(frame.image[0, -1, 0]) // 20


def test_frames_come_through_the_pipeline_as_they_were_recorded(recording):
    """Pixels in RGB, serial number and lens; what a slow reader missed is counted."""
    with opened(recording, serial=SERIAL) as camera:
        frames = frames_of(camera)
    for frame in frames:
        np.testing.assert_array_equal(frame.image, picture(number_of(frame)))
        assert frame.serial == SERIAL
        assert frame.intrinsics == Intrinsics(50.0, 51.0, 31.0, 24.0)
    numbers = [number_of(frame) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert [frame.lost for frame in frames[1:]] == (np.diff(numbers) - 1).tolist()


def test_a_stamp_on_global_time_is_the_middle_of_the_exposure(recording):
    """By the host's clock, whatever time has passed since: nothing is estimated."""
    now = recording.stamp(7) + AGE
    with opened(recording, wall_clock=lambda: now) as camera:
        before = time.monotonic()
        frame = camera.read(STOPPED)
        after = time.monotonic()
    age = now - recording.stamp(number_of(frame)) + EXPOSURE_DELAY
    assert not frame.estimated
    assert before - age - 1e-3 <= frame.stamp <= after - age + 1e-3


@pytest.mark.parametrize(
    ("domain", "first"),
    [("hardware_clock", 0.0), ("system_time", 0.0), ("global_time", -3600.0)],
)
def test_a_stamp_on_any_other_clock_is_of_the_arrival(tmp_path: Path, domain, first):
    """It is marked; so is one on global time that is long ago, as in an old recording."""
    clock = rs.timestamp_domain.__members__[domain]
    started = time.time() + first
    recording = Recording(tmp_path / "other.db3", (0, 1), clock, started, metadata=False).write()
    with opened(recording) as camera:
        before = time.monotonic()
        frame = camera.read(STOPPED)
        assert frame.estimated
        assert before <= frame.stamp <= time.monotonic()


def test_without_metadata_the_stamp_is_of_the_readout(tmp_path: Path):
    """Global time alone is believed as it is."""
    recording = Recording(tmp_path / "bare.db3", (0,), metadata=False).write()
    with opened(recording, wall_clock=lambda: recording.first + AGE) as camera:
        frame = camera.read(STOPPED)
        assert not frame.estimated
        assert time.monotonic() - frame.stamp >= AGE


def test_frames_that_nobody_was_given_are_counted(tmp_path: Path):
    """By gaps in the camera's own numbers."""
    recording = Recording(tmp_path / "gap.db3", (0, 1, 5, 6)).write()
    with opened(recording) as camera:
        frames = frames_of(camera)
    assert number_of(frames[0]) + len(frames) + sum(frame.lost for frame in frames) == 7
    assert sum(frame.lost for frame in frames) >= 3


def test_a_recording_can_be_played_again_and_again(recording):
    """Its numbers begin anew, which is no loss."""
    with opened(recording, loop=True) as camera:
        numbers = [number_of(camera.read(STOPPED)) for _ in range(20)]
    assert sum(b < a for a, b in itertools.pairwise(numbers)) >= 2


def test_a_camera_that_falls_silent_counts_as_unplugged(tmp_path: Path, monkeypatch):
    """The stream is there, but nothing comes."""
    monkeypatch.setattr(realsense_camera, "SILENT_SECONDS", 0.01)
    recording = Recording(tmp_path / "slow.db3", (0, 1), period=1.5).write()
    with opened(recording) as camera:
        assert number_of(camera.read(STOPPED)) == 0
        with pytest.raises(SourceError, match="sends no pictures; is it plugged in"):
            camera.read(STOPPED)


class Unplugged(RealSenseCamera):
    """The end of the recording stands for the cable that is pulled."""

    def __init__(self, path: Path) -> None:
        super().__init__(recording=str(path))
        self.retry_seconds = 0.05


def test_a_camera_that_went_away_is_opened_again_when_it_is_back(recording, tmp_path: Path):
    """The fault is told meanwhile, and pictures come again through a new pipeline."""
    camera, away = Unplugged(recording.path), tmp_path / "away.db3"
    arrived: queue.SimpleQueue[CameraFrame] = queue.SimpleQueue()
    reader = FrameReader(camera, arrived.put)
    try:
        arrived.get(timeout=WAIT)
        recording.path.rename(away)
        deadline = time.monotonic() + WAIT
        while "no RealSense recording" not in reader.fault:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        while not arrived.empty():
            arrived.get()
        away.rename(recording.path)
        assert number_of(arrived.get(timeout=WAIT)) < 8
        assert reader.fault == "" or "over" in reader.fault
    finally:
        reader.stop()
        if away.exists():
            away.rename(recording.path)


def test_another_camera_in_its_place_is_refused(tmp_path: Path):
    """Also where none was named at first: calibration and goals belong to the one before."""
    path = tmp_path / "colour.db3"
    with opened(Recording(path, (0,)).write()) as camera:
        camera.close()
        path.unlink()
        Recording(path, (0,), serial="5").write()
        with pytest.raises(SourceError, match=f"of the camera 5, not {SERIAL}"):
            camera.open()


def test_reading_ends_when_it_is_stopped(recording):
    """At once, without a frame."""
    stopped = threading.Event()
    stopped.set()
    with opened(recording) as camera:
        assert camera.read(stopped) is None
        camera.close()
        camera.close()


def test_what_cannot_be_opened_is_named(recording, tmp_path: Path):
    """A file that is missing, no recording, of another camera, or without such a stream."""
    text = tmp_path / "letter.db3"
    text.write_text("Dear Sir or Madam")
    for options, sentence in (
        ({"recording": str(tmp_path / "gone.db3")}, r"no RealSense recording .*gone\.db3"),
        ({"recording": str(text)}, r"letter\.db3.*no such rgb8 colour stream"),
        ({"recording": str(recording.path), "serial": "5"}, f"of the camera {SERIAL}, not 5"),
        ({"recording": str(recording.path), "width": 640, "height": 480}, "no such rgb8"),
        ({"serial": "none"}, r"no RealSense camera (is here|none)"),
    ):
        with pytest.raises(SourceError, match=sentence):
            RealSenseCamera(**options).open()


def test_the_camera_is_chosen_by_its_serial():
    """Without one only where there is no choice."""
    assert choose("", ["1"]) == "1"
    assert choose("2", ["1", "2"]) == "2"
    with pytest.raises(SourceError, match="plug one into"):
        choose("", [])
    with pytest.raises(SourceError, match=r"several.*`serial` to one of 1, 2"):
        choose("", ["1", "2"])
    with pytest.raises(SourceError, match=r"no RealSense camera 3; `serial` may be one of 1, 2"):
        choose("3", ["1", "2"])


def sensor_with(device, **ranges: tuple[float, float, float]):
    """A sensor of software that has options: least and greatest value, step."""
    sensor = device.add_sensor("Stereo Module")
    for name, (least, greatest, step) in ranges.items():
        limits = rs.option_range()
        limits.min, limits.max, limits.step, limits.default = least, greatest, step, least
        sensor.add_option(getattr(rs.option, name), limits, True)
    return sensor


def test_exposure_is_fixed_or_automatic():
    """In the steps of the sensor; the stereo pair counts in microseconds."""
    device = rs.software_device()
    sensor = sensor_with(device, exposure=(1, 165000, 20), enable_auto_exposure=(0, 1, 1))
    set_exposure(sensor, 8.0)
    assert sensor.get_option(rs.option.enable_auto_exposure) == 0
    assert sensor.get_option(rs.option.exposure) == 8001
    set_exposure(sensor, 0.0)
    assert sensor.get_option(rs.option.enable_auto_exposure) == 1
    with pytest.raises(SourceError, match=r"within 0\.001 to 165 ms .*, not 200; 0 leaves"):
        set_exposure(sensor, 200.0)
    with pytest.raises(SourceError, match="cannot be fixed"):
        set_exposure(device.add_sensor("RGB Camera"), 8.0)


def test_a_colour_sensor_counts_in_tenths_of_milliseconds(recording):
    """As librealsense tells a colour sensor from a stereo pair."""
    player = rs.context().load_device(str(recording.path))
    assert exposure_unit(player.query_sensors()[0]) == 0.1


def test_global_time_is_asked_for_where_there_is_a_choice():
    """A sensor without the option is left alone."""
    device = rs.software_device()
    sensor = sensor_with(device, global_time_enabled=(0, 1, 1))
    use_global_time(sensor)
    assert sensor.get_option(rs.option.global_time_enabled) == 1
    use_global_time(device.add_sensor("RGB Camera"))


@pytest.mark.parametrize(
    ("model", "k1", "expected"),
    [
        ("none", 0.0, "plumb_bob"),
        ("inverse_brown_conrady", 0.0, "plumb_bob"),
        ("brown_conrady", 0.1, "plumb_bob"),
        ("inverse_brown_conrady", 0.1, "inverse_brown_conrady"),
    ],
)
def test_a_distortion_keeps_its_meaning(model, k1, expected):
    """One that ROS has no model for does not pass as another."""
    sensor = rs.software_device().add_sensor("RGB Camera")
    stream = colour_stream(rs.distortion.__members__[model], k1)
    lens = lens_of(sensor.add_video_stream(stream).as_video_stream_profile())
    assert (lens.model, len(lens.distortion)) == (expected, 5)
    assert lens.distortion[0] == pytest.approx(k1)
    assert (lens.fx, lens.cy) == (50.0, 24.0)

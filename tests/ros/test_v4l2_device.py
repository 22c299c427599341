"""Devices of the kernel: what can be told without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_camera import v4l2_device
from vjepa2_camera.device_stamps import DeviceStamps
from vjepa2_camera.frame_source import SourceError
from vjepa2_camera.v4l2_device import V4l2Device


@pytest.mark.parametrize(("device", "path"), [("97", "/dev/video97"), ("/dev/eye", "/dev/eye")])
def test_a_missing_device_is_named(device, path):
    """With the devices that are there, or that there is none."""
    with pytest.raises(SourceError, match=f"no camera {path}; (`device` may be one of|none is)"):
        V4l2Device(device).open()


def test_the_devices_that_are_there_are_listed(tmp_path: Path, monkeypatch):
    """Sorted, by path."""
    for name in ("video2", "video0", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(v4l2_device, "DEVICES", tmp_path)
    with pytest.raises(SourceError, match=rf"one of {tmp_path}/video0, {tmp_path}/video2$"):
        V4l2Device("7").open()


def test_a_device_of_another_kind_is_refused(tmp_path: Path):
    """It exists, but is no camera."""
    with pytest.raises(SourceError, match=r"/dev/null cannot be opened as a camera"):
        V4l2Device("/dev/null").open()


@given(st.floats(1, 1e6), st.floats(0, 1.0))
def test_a_driver_on_the_monotonic_clock_is_believed(arrival, age):
    """A stamp of the last second is the capture's own."""
    reported = arrival + 2.0 - age
    assert DeviceStamps().of(reported, arrival + 2.0) == (reported, False)


@pytest.mark.parametrize("reported", [0.0, -1.0, 5.0, 98.5, 100.5, 1.7e9])
def test_a_driver_on_another_clock_is_not(reported):
    """No stamp, one far away, or of the future: the time of arrival, marked as estimated."""
    stamps = DeviceStamps()
    assert stamps.of(reported, 100.0) == (100.0, True)
    assert stamps.of(100.9, 101.0) == (101.0, True)


def test_an_old_frame_does_not_pass_as_new():
    """Once believed, a driver is believed when a frame has waited long."""
    stamps = DeviceStamps()
    assert stamps.of(99.9, 100.0) == (99.9, False)
    assert stamps.of(100.0, 105.0) == (100.0, False)
    assert stamps.of(107.0, 106.0) == (106.0, True)

"""Serial numbers from sysfs, in trees of the shape that the kernel's have."""

from __future__ import annotations

from pathlib import Path

import pytest

from vjepa2_camera import v4l2_device, v4l2_serial
from vjepa2_camera.frame_source import SourceError
from vjepa2_camera.v4l2_device import V4l2Device

HUB = "devices/pci0000:00/0000:00:14.0/usb1"


@pytest.fixture
def sysfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A USB camera at the second port of a hub at the first, and a camera of the platform."""
    usb = tmp_path / HUB
    for folder in (usb, usb / "1-1", usb / "1-1/1-1.2"):
        folder.mkdir(parents=True)
        (folder / "idVendor").write_text("046d\n")
    (usb / "serial").write_text("0000:00:14.0\n")
    _device(tmp_path, "video0", usb / "1-1/1-1.2/1-1.2:1.0")
    _device(tmp_path, "video4", tmp_path / "devices/platform/vivid.0")
    monkeypatch.setattr(v4l2_serial, "SYSFS", tmp_path)
    return tmp_path


def _device(sysfs: Path, name: str, place: Path) -> None:
    place.mkdir(parents=True)
    node = sysfs / "class/video4linux" / name
    node.mkdir(parents=True)
    (node / "device").symlink_to(place)


def test_a_usb_camera_has_its_own_serial(sysfs: Path) -> None:
    """Also behind a link to its device."""
    (sysfs / HUB / "1-1/1-1.2/serial").write_text("A1B2C3\n")
    link = sysfs / "by-id"
    link.symlink_to("/dev/video0")
    assert v4l2_serial.v4l2_serial("/dev/video0") == "A1B2C3"
    assert v4l2_serial.v4l2_serial(str(link)) == "A1B2C3"


def test_without_a_serial_it_is_the_place(sysfs: Path) -> None:
    """Of the camera: never the serial number of a hub."""
    assert v4l2_serial.v4l2_serial("/dev/video0") == "1-1.2"
    (sysfs / HUB / "1-1/1-1.2/serial").write_text(" \n")
    assert v4l2_serial.v4l2_serial("/dev/video0") == "1-1.2"
    assert v4l2_serial.v4l2_serial("/dev/video4") == "vivid.0"


def test_what_sysfs_does_not_know_has_none(sysfs: Path) -> None:
    """No device of that name."""
    assert v4l2_serial.v4l2_serial("/dev/video9") == ""


def test_another_camera_than_the_one_asked_for_is_refused(
    sysfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of devices change with every start of the host."""
    (sysfs / "video0").touch()
    monkeypatch.setattr(v4l2_device, "DEVICES", sysfs)
    with pytest.raises(SourceError, match=r"video0 has the serial 1-1\.2, not A1B2C3: set"):
        V4l2Device(str(sysfs / "video0"), serial="A1B2C3").open()

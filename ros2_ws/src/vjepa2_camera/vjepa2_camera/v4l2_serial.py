"""What tells one camera of the kernel from another, by sysfs."""

from __future__ import annotations

from pathlib import Path

SYSFS = Path("/sys")


def v4l2_serial(device: str) -> str:
    """Serial number of a V4L2 device, such as /dev/video0 or a link to it.

    Where it tells none: the place where it is plugged in, such as 1-3.2. Empty: not known.
    """
    node = SYSFS / "class" / "video4linux" / Path(device).resolve().name / "device"
    if not node.exists():
        return ""
    place = node.resolve()
    # Not further up than the first USB device: the hubs above have serial numbers too.
    usb = next((folder for folder in (place, *place.parents) if _is_usb_device(folder)), None)
    if usb is None:
        return place.name
    serial = usb / "serial"
    told = serial.read_text(encoding="utf-8", errors="replace").strip() if serial.exists() else ""
    return told or usb.name


def _is_usb_device(folder: Path) -> bool:
    return (folder / "idVendor").exists()

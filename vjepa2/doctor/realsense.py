"""RealSense cameras, where their library is installed."""

from __future__ import annotations

from vjepa2.doctor.finding import Finding, ok, warning
from vjepa2.doctor.host import Host


def check(host: Host) -> Finding:
    """Which ones are plugged in, and whether each has the bandwidth that it needs."""
    try:
        import pyrealsense2
    except ImportError as error:
        return ok("realsense", f"not usable, which only a RealSense camera needs ({error})")
    library = pyrealsense2
    devices = [
        (
            device.get_info(library.camera_info.name),
            device.get_info(library.camera_info.serial_number),
            device.get_info(library.camera_info.usb_type_descriptor),
        )
        for device in library.context().query_devices()
    ]
    if not devices:
        return ok("realsense", "none is plugged in")
    found = "; ".join(f"{name}, serial {serial}, USB {usb}" for name, serial, usb in devices)
    if any(usb.startswith("2") for _, _, usb in devices):
        return warning("realsense", found, "USB 2 is too slow: use a USB 3 port and cable")
    return ok("realsense", found)

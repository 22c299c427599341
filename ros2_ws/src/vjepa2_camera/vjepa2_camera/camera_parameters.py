"""The camera's parameters, and the source and the lens that they amount to."""

from __future__ import annotations

from vjepa2_camera.frame_source import FrameSource, SourceError
from vjepa2_camera.v4l2_device import V4l2Device
from vjepa2_camera.video_file import VideoFile
from vjepa2_node import names
from vjepa2_node.intrinsics import Intrinsics
from vjepa2_node.parameters import Parameter, Values

DEFAULT_DEVICE = "/dev/video0"
SOURCES = ("v4l2", "realsense", "video", "topic")

PARAMETERS = (
    Parameter(
        "source",
        "v4l2",
        "kind of camera: a device of the Linux kernel, a RealSense, a video file, or the image "
        "topic of another node",
        choices=SOURCES,
        fixed=True,
    ),
    Parameter(
        "device",
        "",
        "of v4l2: path, or index as text; empty: /dev/video0. Of realsense: a recording to play; "
        "empty: a camera. Of video: the file. Of topic: the topic",
        fixed=True,
    ),
    Parameter(
        "serial",
        "",
        "serial number that a v4l2 or realsense camera must have; empty: any; needed where "
        "several RealSense cameras are plugged in",
        fixed=True,
    ),
    Parameter(
        "width",
        0,
        "of a v4l2 or realsense camera's pictures [px]; 0: its default",
        0,
        8192,
        fixed=True,
    ),
    Parameter("height", 0, "the same for their height [px]", 0, 8192, fixed=True),
    Parameter(
        "frame_rate",
        0.0,
        "pictures a second [Hz]; 0: the device's default, or the video's own; a device may give "
        "another rate, see camera/status",
        0.0,
        240.0,
        fixed=True,
    ),
    Parameter("loop", False, "play a video or a recording again and again", fixed=True),
    Parameter(
        "exposure",
        0.0,
        "of a realsense camera, fixed [ms]; 0: automatic",
        0.0,
        1000.0,
        fixed=True,
    ),
    Parameter(
        "arrival_latency",
        0.1,
        "from capture to arrival, taken off the stamps of a camera that tells none itself [s]; "
        "rather too long than too short",
        0.0,
        2.0,
    ),
    Parameter("camera_frame", names.CAMERA_FRAME, "frame id of the pictures", fixed=True),
    Parameter(
        "focal_length",
        [0.0, 0.0],
        "for camera_info: along x and y [px]; 0: as the camera tells, if it does",
        0.0,
        100_000.0,
        length=2,
        fixed=True,
    ),
    Parameter(
        "principal_point",
        [0.0, 0.0],
        "for camera_info, with focal_length: x and y [px]; 0: the middle of the picture",
        0.0,
        8192.0,
        length=2,
        fixed=True,
    ),
    Parameter(
        "field_of_view",
        0.0,
        "for camera_info, instead of focal_length: vertical [deg]; 0: as the camera tells",
        0.0,
        179.0,
        fixed=True,
    ),
)


def check(values: Values) -> None:
    """Raises ValueError for values that do not go together."""
    source, size = values["source"], (values["width"], values["height"])
    if source in ("video", "topic") and size != (0, 0):
        raise ValueError(f"width and height are asked of cameras; a {source} has a size: use 0")
    if (size[0] == 0) != (size[1] == 0):
        raise ValueError(f"width and height are asked for together, not {size[0]} x {size[1]}")
    if source == "topic" and values["frame_rate"]:
        raise ValueError("frame_rate is asked of cameras; a topic has a rate: use 0")
    recording = source == "realsense" and values["device"]
    if values["loop"] and source != "video" and not recording:
        raise ValueError("loop is for videos and recordings; a camera never ends: use false")
    if values["serial"] and source not in ("v4l2", "realsense"):
        raise ValueError(f"serial is for v4l2 and realsense; a {source} has none: leave it empty")
    if values["exposure"] and (source != "realsense" or recording):
        raise ValueError(
            "exposure is for realsense cameras: use 0; v4l2-ctl sets it for a v4l2 device"
        )
    along_x, along_y = values["focal_length"]
    if (along_x == 0) != (along_y == 0):
        raise ValueError("focal_length needs both numbers, or 0 for both")
    if along_x and values["field_of_view"]:
        raise ValueError("focal_length and field_of_view say the same: set one of them to 0")
    if not along_x and any(values["principal_point"]):
        raise ValueError("principal_point goes with focal_length: set that too")


def source_from(values: Values) -> FrameSource:
    """The source, not opened yet; not for a topic. Raises SourceError."""
    device, serial = values["device"], values["serial"]
    size, rate = (values["width"], values["height"]), values["frame_rate"]
    if values["source"] == "video":
        return VideoFile(device, rate, values["loop"])
    if values["source"] == "v4l2":
        return V4l2Device(device or DEFAULT_DEVICE, *size, rate, serial)
    try:
        # Here, as there are machines that it does not come for.
        from vjepa2_camera.realsense_camera import RealSenseCamera
    except ImportError as error:
        raise SourceError(
            f"source realsense needs pyrealsense2, and libusb-1.0-0 of the system: {error}"
        ) from error
    return RealSenseCamera(serial, device, *size, rate, values["exposure"], values["loop"])


def lens_from(
    values: Values, width: int, height: int, told: Intrinsics | None
) -> Intrinsics | None:
    """Intrinsics for pictures of this size [px], else what the camera has told of them."""
    (fx, fy), (cx, cy) = values["focal_length"], values["principal_point"]
    if fx:
        return Intrinsics(fx, fy, cx or (width - 1) / 2, cy or (height - 1) / 2)
    if values["field_of_view"]:
        return Intrinsics.from_field_of_view(values["field_of_view"], width, height)
    return told

"""The camera's parameters, and the source and the lens that they amount to."""

from __future__ import annotations

from vjepa2_camera.frame_source import FrameSource
from vjepa2_camera.v4l2_device import V4l2Device
from vjepa2_camera.video_file import VideoFile
from vjepa2_node import names
from vjepa2_node.intrinsics import Intrinsics
from vjepa2_node.parameters import Parameter, Values

PARAMETERS = (
    Parameter(
        "source",
        "v4l2",
        "kind of camera: a device of the Linux kernel, or a video file",
        choices=("v4l2", "video"),
        fixed=True,
    ),
    Parameter(
        "device", "/dev/video0", "device, or its index as text; the path of the video", fixed=True
    ),
    Parameter("width", 0, "of a v4l2 device's pictures [px]; 0: its default", 0, 8192, fixed=True),
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
    Parameter("loop", False, "play a video again and again", fixed=True),
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
        "for camera_info: along x and y [px]; 0: not known",
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
        "for camera_info, instead of focal_length: vertical [deg]; 0: not known",
        0.0,
        179.0,
        fixed=True,
    ),
)


def check(values: Values) -> None:
    """Raises ValueError for values that do not go together."""
    size = values["width"], values["height"]
    if values["source"] == "video" and size != (0, 0):
        raise ValueError("width and height are asked of v4l2 devices; a video has a size: use 0")
    if (size[0] == 0) != (size[1] == 0):
        raise ValueError(f"width and height are asked for together, not {size[0]} x {size[1]}")
    if values["source"] == "v4l2" and values["loop"]:
        raise ValueError("loop is for videos; a v4l2 device never ends: use false")
    along_x, along_y = values["focal_length"]
    if (along_x == 0) != (along_y == 0):
        raise ValueError("focal_length needs both numbers, or 0 for both")
    if along_x and values["field_of_view"]:
        raise ValueError("focal_length and field_of_view say the same: set one of them to 0")
    if not along_x and any(values["principal_point"]):
        raise ValueError("principal_point goes with focal_length: set that too")


def source_from(values: Values) -> FrameSource:
    """The source, not opened yet."""
    if values["source"] == "video":
        return VideoFile(values["device"], values["frame_rate"], values["loop"])
    return V4l2Device(values["device"], values["width"], values["height"], values["frame_rate"])


def lens_from(values: Values, width: int, height: int) -> Intrinsics | None:
    """Intrinsics for pictures of this size [px]; None: not known."""
    (fx, fy), (cx, cy) = values["focal_length"], values["principal_point"]
    if fx:
        return Intrinsics(fx, fy, cx or (width - 1) / 2, cy or (height - 1) / 2)
    if values["field_of_view"]:
        return Intrinsics.from_field_of_view(values["field_of_view"], width, height)
    return None

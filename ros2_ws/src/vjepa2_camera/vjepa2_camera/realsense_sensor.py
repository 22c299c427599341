"""Exposure, clock and lens of a RealSense camera's colour stream."""

from __future__ import annotations

import pyrealsense2 as rs

from vjepa2_camera.frame_source import SourceError
from vjepa2_node.intrinsics import Intrinsics

_MODELS = {
    rs.distortion.none: "plumb_bob",
    rs.distortion.brown_conrady: "plumb_bob",
    rs.distortion.kannala_brandt4: "equidistant",
}


def use_global_time(sensor: rs.sensor) -> None:
    """Ask for stamps on the host's clock, where the sensor has that choice."""
    if sensor.supports(rs.option.global_time_enabled):
        sensor.set_option(rs.option.global_time_enabled, 1.0)


def set_exposure(sensor: rs.sensor, milliseconds: float) -> None:
    """Fix the exposure, or leave it to the camera with 0. Raises SourceError if it cannot be."""
    automatic = milliseconds == 0.0
    if sensor.supports(rs.option.enable_auto_exposure):
        sensor.set_option(rs.option.enable_auto_exposure, float(automatic))
    if automatic:
        return
    if not sensor.supports(rs.option.exposure):
        raise SourceError("the exposure of this RealSense camera cannot be fixed: use exposure 0")
    unit = exposure_unit(sensor)
    limits = sensor.get_option_range(rs.option.exposure)
    # In whole steps from the least value: others are refused.
    steps = round((milliseconds / unit - limits.min) / (limits.step or 1.0))
    value = limits.min + steps * (limits.step or 1.0)
    if not limits.min <= value <= limits.max:
        raise SourceError(
            f"exposure must lie within {limits.min * unit:g} to {limits.max * unit:g} ms for this "
            f"RealSense camera, not {milliseconds:g}; 0 leaves it to the camera"
        )
    sensor.set_option(rs.option.exposure, value)


def exposure_unit(sensor: rs.sensor) -> float:
    """Milliseconds that a sensor's exposure option counts in.

    0.1 for a colour sensor of its own; 0.001 where the stereo pair also gives the colour, as in
    the D405 (librealsense, issues 8243 and 12006).
    """
    return 0.1 if sensor.is_color_sensor() else 0.001


def lens_of(profile: rs.video_stream_profile) -> Intrinsics:
    """Intrinsics of a stream; a distortion that ROS has no model for keeps its own name."""
    given = profile.get_intrinsics()
    coefficients = tuple(float(number) for number in given.coeffs)
    distorted = any(coefficients)
    model = _MODELS.get(given.model, given.model.name) if distorted else "plumb_bob"
    # Counted from the middle of the top left pixel, as here (rsutil.h of librealsense).
    return Intrinsics(given.fx, given.fy, given.ppx, given.ppy, model, coefficients)

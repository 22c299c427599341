"""ROS 2 itself, and the middleware under it."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

DISTRIBUTION = "jazzy"
MIDDLEWARE = "rmw_fastrtps_cpp"


def check(host: Host) -> Finding:
    """Whether a node can be made, of which ROS, on which middleware."""
    try:
        import rclpy
        from rclpy.context import Context
        from rclpy.node import Node
    except ImportError as error:
        return missing(
            "ros",
            f"rclpy cannot be imported: {error}",
            "`make demo` installs ROS 2 from wheels; where ROS 2 Jazzy is installed: "
            ". /opt/ros/jazzy/setup.bash, in an environment with --system-site-packages",
        )
    context = Context()
    rclpy.init(context=context)
    Node("doctor", context=context).destroy_node()
    context.try_shutdown()
    middleware = rclpy.get_rmw_implementation_identifier()
    found = f"{_origin()}, {middleware}; a node can be made"
    installed = os.environ.get("ROS_DISTRO", DISTRIBUTION)
    if installed != DISTRIBUTION:
        return warning("ros", found, f"nothing was tried on {installed}: use {DISTRIBUTION}")
    if middleware != MIDDLEWARE:
        return warning(
            "ros",
            found,
            f"only {MIDDLEWARE} was tried, and only it gets room for camera images in shared "
            "memory: unset RMW_IMPLEMENTATION",
        )
    return ok("ros", found)


def _origin() -> str:
    try:
        return f"rclpy {version('ros-jazzy-rclpy')} from wheels"
    except PackageNotFoundError:
        return f"ROS 2 {os.environ.get('ROS_DISTRO', 'of an unknown name')}, installed"

"""The stack's own messages, which are compiled."""

from __future__ import annotations

from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok
from vjepa2.doctor.host import Host

REMEDY = (
    "with ROS from wheels: scripts/build-messages .venv; with ROS installed: `colcon build` in "
    "ros2_ws, then . install/setup.bash"
)


def check(host: Host) -> Finding:
    """Whether they are built, and their libraries load."""
    try:
        from rclpy.type_support import check_for_type_support

        import vjepa2_msgs
        from vjepa2_msgs.action import RunTask
        from vjepa2_msgs.msg import TaskStatus
        from vjepa2_msgs.srv import TaskRequest

        for kind in (TaskStatus, TaskRequest, RunTask):
            check_for_type_support(kind)
    except Exception as error:  # missing, half built, or of another ROS: all have one remedy
        return missing("messages", f"vjepa2_msgs cannot be used: {error}", REMEDY)
    return ok("messages", f"vjepa2_msgs at {Path(vjepa2_msgs.__file__).parent}")

"""Gazebo with the table, and the bridge between its topics and those of the nodes."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity

SHARE = Path(__file__).resolve().parents[1]
HEADLESS = "-s --headless-rendering "


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "headless",
                default_value="false",
                description="true: no window; the camera is rendered off screen",
            ),
            DeclareLaunchArgument(
                "namespace", default_value="", description="namespace of the stack's nodes"
            ),
            OpaqueFunction(function=_start),
        ]
    )


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    headless = LaunchConfiguration("headless").perform(context).lower()
    if headless not in ("true", "false"):
        raise ValueError(f"headless must be true or false, not {headless!r}")
    namespace = LaunchConfiguration("namespace").perform(context).strip("/")
    options = f"-r {HEADLESS if headless == 'true' else ''}{SHARE / 'worlds' / 'table.sdf'}"
    gazebo = PathJoinSubstitution([FindPackageShare("ros_gz_sim"), "launch", "gz_sim.launch.py"])
    return [
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(gazebo),
            launch_arguments={"gz_args": options, "on_exit_shutdown": "true"}.items(),
        ),
        Node(
            package="ros_gz_bridge",
            executable="parameter_bridge",
            namespace=f"/{namespace}" if namespace else "",
            parameters=[{"config_file": str(SHARE / "config" / "bridge.yaml")}],
            output="screen",
        ),
    ]

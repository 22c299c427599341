"""Gazebo with the table, and the whole stack with the arm in it."""

from pathlib import Path

from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

STACK = Path(__file__).with_name("stack.launch.py")


def generate_launch_description() -> LaunchDescription:
    world = PathJoinSubstitution([FindPackageShare("vjepa2_gazebo"), "launch", "world.launch.py"])
    stack = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(STACK)),
        launch_arguments={"backend": "gazebo"}.items(),
    )
    return LaunchDescription(
        [IncludeLaunchDescription(PythonLaunchDescriptionSource(world)), stack]
    )

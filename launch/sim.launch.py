"""The whole stack with a simulated arm."""

from pathlib import Path

from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from launch import LaunchDescription

STACK = Path(__file__).with_name("stack.launch.py")


def generate_launch_description() -> LaunchDescription:
    stack = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(STACK)),
        launch_arguments={"backend": "franky_sim"}.items(),
    )
    return LaunchDescription([stack])

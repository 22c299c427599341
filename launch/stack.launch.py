"""The whole stack: `ros2 launch vjepa2_bringup stack.launch.py --show-args`.

Only a translation: what there is to start, and what it can be told, is in
`vjepa2_bringup.node_table` and `vjepa2_bringup.arguments`.
"""

import os

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from vjepa2_bringup.arguments import Arguments, described
from vjepa2_bringup.middleware import middleware_settings
from vjepa2_bringup.node_table import NodeSpec, node_names, nodes


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(
            argument.name, default_value=argument.default, description=argument.description
        )
        for argument in described()
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given = {
        argument.name: LaunchConfiguration(argument.name).perform(context)
        for argument in described()
    }
    arguments = Arguments.from_text(given)
    table = nodes(arguments)
    settings = [
        SetEnvironmentVariable(name, value)
        for name, value in middleware_settings(os.environ, arguments.part == "all").items()
    ]
    manager = Node(
        package="vjepa2_bringup",
        executable="lifecycle_manager",
        namespace=table[0].namespace,
        parameters=[{"node_names": node_names(table)}],
        ros_arguments=["--enclave", "/lifecycle_manager"],
        output="screen",
    )
    return [*settings, *(_translated(spec) for spec in table), manager]


def _translated(spec: NodeSpec) -> Node:
    return Node(
        package=spec.package,
        executable=spec.executable,
        namespace=spec.namespace,
        parameters=[*spec.parameter_files, dict(spec.parameters)],
        ros_arguments=["--enclave", spec.enclave],
        output="screen",
    )

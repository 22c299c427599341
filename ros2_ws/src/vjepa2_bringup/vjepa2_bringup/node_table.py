"""The only description of the graph: which processes, with which nodes, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.presets import preset_file

__all__ = ["Arguments", "NodeSpec", "node_names", "nodes"]

Value = bool | int | float | str

GAZEBO_STARTS = 60.0
"""How long the first joint positions of Gazebo are waited for [s]."""


@dataclass(frozen=True)
class NodeSpec:
    """One process and the managed nodes in it.

    module: what `python -m` runs. executable: the same as ROS 2 installs it, from `package`.
    nodes: their names, in the order in which they are brought up.
    part: the host that it belongs to, robot or planning.
    namespace: of its nodes, empty or absolute.
    optional: the others do without it, should it fail.
    parameter_files: a later one goes before an earlier one.
    parameters: go before the files, for each node of the process that has such a parameter.
    """

    module: str
    executable: str
    nodes: tuple[str, ...]
    part: str = "robot"
    namespace: str = ""
    optional: bool = False
    parameter_files: tuple[str, ...] = ()
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """ROS package, which has the name of the Python package."""
        return self.module.partition(".")[0]

    @property
    def enclave(self) -> str:
        """Of SROS 2: whose keys and rights its process has, where security is switched on."""
        return f"/{self.executable}"


def nodes(arguments: Arguments) -> list[NodeSpec]:
    """The processes that `arguments` ask for, in the order in which they are brought up.

    What others need comes first: the robot's network service before the bridge that connects
    to it, images and the world model before the planner, the planner before its users.
    """
    robot = partial(_process, arguments, "robot")
    planning = partial(_process, arguments, "planning")
    model = _given(model=arguments.model)
    sources: list[NodeSpec] = []
    driver: dict[str, Value] = {"driver": "franky"}
    match arguments.backend:
        case "franky_sim":
            simulation = "vjepa2_simulation.simulation_node"
            sources = [robot(simulation, "simulation", robot_address=arguments.robot_address)]
        case "real":
            sources = [robot("vjepa2_camera.camera_node", "camera", **_camera(arguments))]
        case "gazebo":
            # Pictures come from Gazebo itself, which may be starting at the same time.
            driver = {"driver": "gazebo", "connect_timeout": GAZEBO_STARTS}
    bridge = robot(
        "vjepa2_franka.franka_bridge",
        "franka_bridge",
        robot_address=arguments.robot_address,
        dry_run=bool(arguments.dry_run),
        **driver,
    )
    if arguments.composed:
        names = ("world_model", "planner", "sequencer", "calibrator")
        planners = [planning("vjepa2_planning.composed", *names, **model)]
    else:
        planners = [
            planning("vjepa2_world_model.world_model_node", "world_model", **model),
            planning("vjepa2_planning.planner_node", "planner"),
            planning("vjepa2_planning.sequencer_node", "sequencer"),
            planning("vjepa2_planning.calibrator_node", "calibrator"),
        ]
    table = [*sources, bridge, *planners, *_monitors(arguments)]
    return [spec for spec in table if arguments.part in ("all", spec.part)]


def _monitors(arguments: Arguments) -> list[NodeSpec]:
    """Those that only watch; last, and their end is not that of the others."""
    monitor = partial(_process, arguments, "planning")
    table = []
    if arguments.record:
        table.append(monitor("vjepa2_monitor.recorder_node", "recorder", folder=arguments.record))
    if arguments.dashboard:
        table.append(monitor("vjepa2_monitor.dashboard_node", "dashboard", port=arguments.port))
    return [replace(spec, optional=True) for spec in table]


def node_names(table: Iterable[NodeSpec]) -> list[str]:
    """Names of all managed nodes, in the order in which they are brought up."""
    return [name for spec in table for name in spec.nodes]


def _process(
    arguments: Arguments,
    part: str,
    module: str,
    *names: str,
    **parameters: Value,
) -> NodeSpec:
    own = (arguments.config,) if arguments.config else ()
    return NodeSpec(
        module=module,
        executable=names[0] if len(names) == 1 else module.rpartition(".")[2],
        nodes=names,
        part=part,
        namespace="/" + arguments.namespace.strip("/") if arguments.namespace else "",
        parameter_files=(str(preset_file(arguments.preset)), *own),
        parameters={"use_sim_time": bool(arguments.use_sim_time), **parameters},
    )


def _camera(arguments: Arguments) -> dict[str, Value]:
    """Size and rate of a preset are for cameras: a video or a topic has its own."""
    given = _given(
        source=arguments.camera_source,
        device=arguments.camera_device,
        serial=arguments.camera_serial,
    )
    if arguments.camera_source in ("video", "topic"):
        given |= {"width": 0, "height": 0, "frame_rate": 0.0}
    return given


def _given(**texts: str) -> dict[str, Value]:
    """Those that are not left to the preset."""
    return {name: text for name, text in texts.items() if text}

"""What the stack can be asked to be: names, defaults and descriptions, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from vjepa2_bringup.own_parameters import check_own_parameters
from vjepa2_bringup.presets import preset_file, preset_names

BACKENDS = ("franky_sim", "real", "gazebo")
PARTS = ("all", "robot", "planning")
SIMULATED_ROBOT = "127.0.0.1"
AUTO = "auto"
_TRUTHS = {"true": True, "false": False, AUTO: None}


def _argument(default: Any, description: str) -> Any:
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True)
class Arguments:
    """Everything that `vjepa2 up` and the launch files can be told.

    Raises ValueError, with a sentence that names the argument, for a value that cannot be. What
    is left to be chosen (an empty preset or robot_address, dry_run or use_sim_time None) is chosen
    here, so that readers find values only.
    """

    backend: str = _argument(
        "franky_sim",
        "the robot: franky_sim (simulated, speaks the robot's own network protocol), real, or "
        "gazebo (the arm in a Gazebo that runs already, behind ros_gz_bridge)",
    )
    preset: str = _argument(
        "",
        "parameters of all nodes: a file of config/ without its ending; by default "
        "franka_lab for real, demo_sim else",
    )
    composed: bool = _argument(
        True,
        "true: world model, planner, sequencer and calibrator share one process; false: each has "
        "its own, which gives the same plans",
    )
    dry_run: bool | None = _argument(
        None,
        "true: everything runs and is shown, the arm never moves; auto: true for real, false else",
    )
    namespace: str = _argument("", "namespace of all nodes, such as lab; empty: none")
    robot_address: str = _argument(
        "",
        f"address of the robot, needed for real; for franky_sim a loopback address, by default "
        f"{SIMULATED_ROBOT}: each simulation on a machine needs its own",
    )
    camera_source: str = _argument(
        "",
        "for real: kind of camera, v4l2, realsense, video or topic; empty: as the preset says",
    )
    camera_device: str = _argument(
        "",
        "for real: device, video file or image topic of the camera; empty: as the preset says",
    )
    camera_serial: str = _argument(
        "", "for real: serial number that the camera must have; empty: as the preset says"
    )
    model: str = _argument(
        "",
        "world model: bundled, simulator (state in, distance out), or a checkpoint's path; empty: "
        "as the preset says",
    )
    config: str = _argument("", "path of an own parameter file, which goes before the preset")
    use_sim_time: bool | None = _argument(
        None, "true: clocks follow the topic /clock; auto: true for gazebo, false else"
    )
    part: str = _argument(
        "all",
        "nodes of this host: all, robot (arm and camera, no torch) or planning (world model and "
        "planner, no franky); start robot first",
    )
    record: str = _argument(
        "",
        "folder into which each task is recorded, to be seen and replayed later; empty: none, but "
        "`vjepa2 up` on its own records into runs",
    )
    dashboard: bool = _argument(
        False, "true: a web page on this host, and for this host alone, shows what goes on"
    )
    port: int = _argument(8080, "of that page, from 1024 to 65535; 0: any that is free")

    def __post_init__(self) -> None:
        self._check_choice("backend", BACKENDS)
        self._check_choice("part", PARTS)
        gazebo, real = self.backend == "gazebo", self.backend == "real"
        self._choose("use_sim_time", gazebo if self.use_sim_time is None else self.use_sim_time)
        if self.backend == "franky_sim" and self.use_sim_time:
            raise ValueError(
                "use_sim_time needs a publisher of /clock; franky_sim runs in real time and has "
                "none, so leave it false"
            )
        if gazebo and not self.use_sim_time:
            raise ValueError(
                "use_sim_time must be true for backend gazebo: its images and joint positions "
                "have the stamps of /clock"
            )
        if gazebo and self.robot_address:
            raise ValueError(
                "robot_address is not for backend gazebo, whose arm is behind topics; leave it out"
            )
        if not re.fullmatch(r"(/?[A-Za-z_]\w*)*", self.namespace, re.ASCII):
            raise ValueError(
                f"namespace {self.namespace!r} must be names of letters, digits and _, with / "
                "between them, such as lab or lab/left"
            )
        self._choose("preset", self.preset or ("franka_lab" if real else "demo_sim"))
        self._choose("dry_run", real if self.dry_run is None else self.dry_run)
        simulated = SIMULATED_ROBOT if self.backend == "franky_sim" else ""
        self._choose("robot_address", self.robot_address or simulated)
        if real and not self.robot_address and self.part != "planning":
            raise ValueError(
                "backend real needs the address of the robot: robot_address:=172.16.0.2, say"
            )
        if real and not self.dry_run and not self.model and self.part != "robot":
            raise ValueError(
                "backend real moves the arm with dry_run:=false, so name the world model that it "
                "is to follow: model:=PATH; the bundled one knows nothing but the simulation"
            )
        if not real and (self.camera_source or self.camera_device or self.camera_serial):
            raise ValueError(
                "camera_source, camera_device and camera_serial are for backend real; the "
                "simulation has its own camera"
            )
        if self.port and not 1024 <= self.port <= 65535:
            raise ValueError(f"port must be 0 or lie within 1024 to 65535, not {self.port}")
        preset_file(self.preset)
        if self.config:
            check_own_parameters(self.config)

    @classmethod
    def from_text(cls, given: Mapping[str, str]) -> Arguments:
        """Arguments of texts, as command lines and launch files have them.

        Raises ValueError for a name that is none, with the nearest one, and for a bad value.
        """
        valid = {argument.name: argument for argument in fields(cls)}
        for name in given:
            if name not in valid:
                near = get_close_matches(name, valid, n=1)
                hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(valid)
                raise ValueError(f"there is no argument {name!r}; {hint}")
        return cls(**{name: _value(valid[name], text) for name, text in given.items()})

    def _check_choice(self, name: str, choices: tuple[str, ...]) -> None:
        if getattr(self, name) not in choices:
            raise ValueError(
                f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}"
            )

    def _choose(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the way a frozen dataclass completes itself


@dataclass(frozen=True)
class Described:
    """An argument as people are told of it; `default` as they would write it."""

    name: str
    default: str
    description: str


def described() -> list[Described]:
    """All arguments."""
    return [
        Described(argument.name, _text(argument.default), _description(argument))
        for argument in fields(Arguments)
    ]


def _description(argument: Field[Any]) -> str:
    text = str(argument.metadata["description"])
    if argument.name == "preset":
        text += f"; there are {', '.join(preset_names())}"
    return text


def _text(default: Any) -> str:
    if default is None:
        return AUTO
    return str(default).lower() if isinstance(default, bool) else str(default)


def _value(argument: Field[Any], text: str) -> Any:
    if isinstance(argument.default, str):
        return text
    if isinstance(argument.default, int) and not isinstance(argument.default, bool):
        if not text.strip().isdecimal():
            raise ValueError(f"{argument.name} must be a whole number, not {text!r}")
        return int(text)
    truth = text.strip().lower()
    valid = [word for word in _TRUTHS if word != AUTO or argument.default is None]
    if truth not in valid:
        raise ValueError(f"{argument.name} must be {' or '.join(valid)}, not {text!r}")
    return _TRUTHS[truth]

"""An own parameter file, given on top of a preset."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

DECIDED_BY_ARGUMENTS = {
    "driver": "backend",
    "dry_run": "dry_run",
    "robot_address": "robot_address",
    "use_sim_time": "use_sim_time",
}
"""Parameters that only an argument may set, and its name.

Which of two entries for a parameter holds depends on how a file names its nodes: a file must not
be able to let an arm move that an argument holds still.
"""


def check_own_parameters(path: str) -> None:
    """Raises ValueError for a file that is missing, is no parameter file, or decides too much."""
    content = _content(path)
    for node, parameters in parameters_by_node(content, f"config {path}"):
        for name, argument in DECIDED_BY_ARGUMENTS.items():
            if name in parameters:
                raise ValueError(
                    f"config {path} sets {name} of {node}, which the argument {argument}:= decides"
                )


def _content(path: str) -> Any:
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise OSError(errno.EINVAL, "it is no file")  # a device would be read for ever
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"config {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"config {path} is not YAML: {error}") from error
    try:
        aliased = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))
        content = None if aliased else yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"config {path} is not YAML: {error}") from error
    # A date that is none is a ValueError, a deep nest a RecursionError, and odd tags have others.
    except Exception as error:
        raise ValueError(
            f"config {path} is not YAML: a value in it cannot be read, or is nested too deeply"
        ) from error
    if aliased:
        raise ValueError(
            f"config {path} has an alias (*name), which ROS takes in no parameter file: write the "
            "value out"
        )
    return content


def parameters_by_node(content: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each node, as a parameter file names it, with its parameters; ValueError for another shape.

    where: names the content in errors.
    """
    if not isinstance(content, dict):
        raise ValueError(
            f"{where} is no ROS parameter file, which has a node's name, in it ros__parameters, "
            "and in that its parameters"
        )
    for name, inner in content.items():
        if name == "ros__parameters":
            if isinstance(inner, dict):
                yield "", inner
            continue
        for node, parameters in parameters_by_node(inner, f"{where}: {name}"):
            yield f"{name}/{node}" if node else str(name), parameters

"""What the compose file starts, and with what rights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docker.conftest import ROOT
from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.up import parse

GIVEN = {"ROBOT_ADDRESS": "172.16.0.2"}


def _services(name: str) -> dict[str, dict[str, Any]]:
    text = (ROOT / "docker" / name).read_text()
    filled = re.sub(r"\$\{(\w+):([-?])([^}]*)\}", _value, text)
    services: dict[str, dict[str, Any]] = yaml.safe_load(filled)["services"]
    return services


def _value(variable: re.Match[str]) -> str:
    name, kind, default = variable.groups()
    return GIVEN[name] if kind == "?" else default


@pytest.fixture
def service(part: str) -> dict[str, Any]:
    """That of the host."""
    return _services("compose.yaml")[part]


def _arguments(service: dict[str, Any]) -> Arguments:
    command = service["command"]
    assert command[:2] == ["vjepa2", "up"]
    return parse(command[2:])


def test_its_command_is_understood(part: str, service: dict[str, Any]) -> None:
    """By the command itself; each service starts its own part."""
    assert _arguments(service).part == part
    assert _arguments(service).backend == "real"


def test_nothing_moves_unless_asked(service: dict[str, Any]) -> None:
    """A dry run is the default of the file, too, and no service starts again by itself."""
    assert _arguments(service).dry_run is True
    assert service["restart"] == "no"


def test_rights_are_few(part: str, service: dict[str, Any], dockerfile: Path) -> None:
    """No root, no capabilities; real time comes by limits."""
    assert re.findall(r"^USER (\d+)$", dockerfile.read_text(), re.M) == ["10001"]
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True and "privileged" not in service
    limits = {"rtprio": 99, "memlock": -1} if part == "robot" else None
    assert service.get("ulimits") == limits


def test_discovery_stays_on_one_host_and_spans_two(part: str, service: dict[str, Any]) -> None:
    """By an override for each service."""
    assert service["environment"]["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    override = _services("two-hosts.yaml")[part]
    assert override["environment"]["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SUBNET"
    assert override["ipc"] == "private"


def test_both_share_the_memory_that_images_pass_through() -> None:
    """Fast DDS takes containers on the host's network for processes of one host."""
    services = _services("compose.yaml")
    assert services["robot"]["ipc"] == "shareable"
    assert services["planning"]["ipc"] == "service:robot"

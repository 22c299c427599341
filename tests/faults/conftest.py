"""One stack for the faults of a module, and the matrix of them all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.faults.lab import FaultLab
from tests.faults.matrix import Matrix
from tests.faults.switches import FOLDER, Switches
from tests.ros.conftest import Graph, domain
from vjepa2_bringup.node_table import Arguments, NodeSpec, nodes
from vjepa2_bringup.runner import Stack
from vjepa2_sim.own_address import own_address

__all__ = ["domain"]  # the fixture

PAGE = "VJEPA2_FAULTS_PAGE"
"""Environment variable with the path that the matrix is written to."""
WORLD_MODEL_TIMEOUT = 5.0
PARAMETERS = {
    "planner": {"world_model_timeout": WORLD_MODEL_TIMEOUT},
    "recorder": {"min_free": 0.0},
}
"""Beside the preset: to wait a shorter time, and to let a small disk become full."""
FAULTY = {
    "franka_bridge": "tests.faults.faulty_bridge",
    "world_model": "tests.faults.faulty_world_model",
}
"""Modules in place of the stack's own."""


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    """Takes the rows, and writes the page where one is asked for."""
    page = os.environ.get(PAGE)
    return Matrix(Path(page) if page else None)


@pytest.fixture(scope="module")
def record() -> str:
    """Folder of recordings; empty: none are made."""
    return ""


@pytest.fixture(scope="module")
def lab(domain: int, record: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultLab]:
    """The stack, with faults to be switched on."""
    folder, switches = (tmp_path_factory.mktemp(name) for name in ("log", "switches"))
    os.environ[FOLDER] = str(switches)  # until `domain` restores the environment
    config = folder / "config.yaml"
    content = {f"/**/{node}": {"ros__parameters": own} for node, own in PARAMETERS.items()}
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    arguments = Arguments(
        composed=False, robot_address=own_address(), record=record, config=str(config)
    )
    with Stack(arguments, log_folder=folder, domain=domain, table=_faulty) as stack:
        graph = Graph()
        try:
            yield FaultLab(stack, graph, folder, domain, Switches(switches))
        finally:
            graph.close()


@pytest.fixture(autouse=True)
def switches_off(lab: FaultLab) -> Iterator[None]:
    """No fault of a test is the next one's."""
    yield
    lab.switches.all_off()


def _faulty(arguments: Arguments) -> list[NodeSpec]:
    return [
        replace(spec, module=FAULTY.get(spec.executable, spec.module)) for spec in nodes(arguments)
    ]

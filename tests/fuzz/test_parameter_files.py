"""Parameter files, and the command line of `vjepa2 up`."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.test_task_files import yaml_files
from tests.fuzz.values import EXECUTED, texts
from vjepa2_bringup.arguments import described
from vjepa2_bringup.presets import preset_file, preset_names

OWN = {
    "/**/planner": {"ros__parameters": {"samples": 24, "far": {"repeat": 2}, "optimiser": "cem"}},
    "franka_bridge": {
        "ros__parameters": {
            "limits": {"workspace_lower": [0.3, -0.2, 0.02], "speed_factor": 0.5},
            "home_joints": [0.0, -0.8, 0.0, -2.4, 0.0, 1.6, 0.8],
        }
    },
}


@sizes(2000)
def test_config(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """`vjepa2 up config:=FILE` says what is wrong before anything is started."""
    path = tmp_path / "own.yaml"

    def examine(content: bytes) -> str:
        path.write_bytes(content)
        return child.call(readers.own_parameters, path)

    tally = page.tally("parameter files: `vjepa2 up config:=`")
    tally.draw(yaml_files(OWN), cases, examine)
    assert not tally.crashes, tally.crashes[0]
    assert tally.refused.total() > cases / 8, "a changed value is for the node to refuse"
    assert not Path(EXECUTED).exists()


PRESETS = [yaml.safe_load(preset_file(name).read_text()) for name in preset_names()]
NAMES = sorted(readers.NODES)
RENEWED = 50
"""Cases after which the process is another: hundreds of ROS contexts in one are no test."""


@sizes(500, 16)
def test_node_parameters(cases: int, page: Page, node_child: Child, tmp_path: Path) -> None:
    """A node's process ends with status 2 and a line about it."""
    path = tmp_path / "own.yaml"

    def examine(case: tuple[bytes, str]) -> str:
        path.write_bytes(case[0])
        if tally.cases % RENEWED == 0:
            node_child.end()
        return node_child.call(readers.node_parameters, path, case[1])

    tally = page.tally("parameter and preset files: nodes")
    files = st.sampled_from([OWN, *PRESETS]).flatmap(yaml_files)
    tally.draw(st.tuples(files, st.sampled_from(NAMES)), cases, examine)
    assert not tally.crashes, tally.crashes[0]
    assert tally.refused, "not one was refused"


@sizes(1000)
def test_words(cases: int, page: Page, child: Child) -> None:
    """Arguments of `vjepa2 up`: what is no argument, preset, address, file or truth."""
    named = st.sampled_from([a.name for a in described()] + ["presets", "", "Dry_run"])
    given = st.lists(st.builds("{}:={}".format, named, texts) | texts, min_size=1, max_size=3)
    tally = page.tally("command line: `vjepa2 up`")
    tally.draw(given, cases, lambda case: child.call(readers.words, case))
    tally.check()

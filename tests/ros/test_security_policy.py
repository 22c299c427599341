"""The security policy: what the real nodes do on the graph, and no more."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ros.conftest import WAIT, Graph
from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.node_rights import NodeRights
from vjepa2_bringup.node_table import nodes
from vjepa2_bringup.security_policy import manager, operator, policy, sharing
from vjepa2_bringup.write_policy import observed_stack
from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import TaskCode
from vjepa2_msgs.srv import SetUpTrial
from vjepa2_node import names

POLICY = Path(__file__).parents[2] / "security" / "policy.xml"
ARM = NodeRights(
    "arm",
    "/lab",
    "/arm",
    publishes=frozenset({"/lab/state", "~/log"}),
    replies=frozenset({"~/get_state", "~/change_state"}),
    executes=frozenset({"/lab/move"}),
)
PLAIN = NodeRights("observer", "/lab", publishes=frozenset({"/rosout"}))


@pytest.fixture(scope="module")
def read(domain: int) -> Iterator[Callable[[], str | None]]:
    """Tells the policy for a running stack."""
    with observed_stack(Arguments()) as read:
        yield read


def _await(read: Callable[[], str | None], expected: str) -> str | None:
    """What is told once it is as expected; else what is told at last."""
    end = time.monotonic() + WAIT
    while (told := read()) != expected and time.monotonic() < end:
        time.sleep(0.1)  # the graph tells no one that it is complete
    return told


def test_the_policy_covers_the_running_nodes_exactly(
    read: Callable[[], str | None], graph: Graph
) -> None:
    """Before a task and after it; else `python -m vjepa2_bringup.write_policy` writes it anew."""
    written = POLICY.read_text(encoding="utf-8")
    assert _await(read, written) == written
    request = SetUpTrial.Request(task="reach", seed=7)
    trial = graph.call(SetUpTrial, names.SET_UP_TRIAL, request)
    goal = RunTask.Goal(goal_images=trial.goals, budgets=[1], seed=1)
    result = graph.run(RunTask, names.RUN_TASK, goal)
    assert result.code.code == TaskCode.OK, result.message
    assert _await(read, written) == written


def test_every_process_has_an_enclave() -> None:
    """Those of each way to start the stack, the managers, and a person."""
    written = ElementTree.parse(POLICY).getroot()
    there = {enclave.get("path") for enclave in written.iter("enclave")}
    real = {"backend": "real", "robot_address": "10.0.0.2"}
    tables = [nodes(Arguments(composed=c, **more)) for c in (True, False) for more in ({}, real)]
    used = {spec.enclave for table in tables for spec in table}
    assert there == used | {"/stack", "/lifecycle_manager", "/operator"}


def test_a_policy_as_xml() -> None:
    """In the layout of SROS 2, version 0.2.0, as `ros2 security generate_policy` writes it."""
    root = ElementTree.fromstring(policy([ARM]))
    assert (root.tag, root.get("version")) == ("policy", "0.2.0")
    (profile,) = root.findall("./enclaves/enclave[@path='/arm']/profiles/profile")
    assert profile.attrib == {"ns": "/lab", "node": "arm"}
    published = profile.findall("./topics[@publish='ALLOW']/topic")
    assert [topic.text for topic in published] == ["/lab/state", "~/log"]
    assert profile.findtext("./actions[@execute='ALLOW']/action") == "/lab/move"
    assert profile.find("./topics[@subscribe]") is None
    assert "DENY" not in policy([ARM])


def test_names_below_a_node() -> None:
    """They are shortened for itself and written out for others, in its namespace."""
    assert ARM.named("/lab/arm/log") == "~/log"
    assert ARM.named("/arm/log") == "/arm/log"
    assert ARM.absolute("~/log") == "/lab/arm/log"
    assert ARM.absolute("/lab/state") == "/lab/state"


def test_a_manager_may_lead_and_nothing_else() -> None:
    """It asks the nodes for their life cycle, and calls no action."""
    leads = manager(PLAIN, "stack", [ARM])
    assert leads.requests == {"/lab/arm/get_state", "/lab/arm/change_state"}
    assert (leads.enclave, leads.publishes, leads.calls) == ("/stack", {"/rosout"}, frozenset())


def test_an_operator_may_see_and_ask_all_and_pretend_nothing() -> None:
    """No topic of the arm's may come from a command line."""
    person = operator(PLAIN, [ARM])
    assert person.subscribes == {"/lab/state", "/lab/arm/log"}
    assert person.calls == {"/lab/move"}
    assert person.publishes == {"/rosout"} and not person.replies and not person.executes


def test_nodes_in_one_process_share_its_enclave() -> None:
    """Each keeps its own profile."""
    shared = sharing([ARM, PLAIN], ["arm"], "/composed")
    assert [(node.name, node.enclave) for node in shared] == [("arm", "/composed")]
    assert shared[0].publishes == ARM.publishes

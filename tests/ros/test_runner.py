"""The runner with small real nodes as processes: order, faults, and that nothing is left."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from lifecycle_msgs.srv import GetState

from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.child_environment import child_environment
from vjepa2_bringup.claim import ClaimedError
from vjepa2_bringup.node_process import NodeProcess, command, end_all
from vjepa2_bringup.node_table import NodeSpec
from vjepa2_bringup.runner import Stack, StackError
from vjepa2_bringup.spinning_node import spinning_node
from vjepa2_node.calls import call

WAIT = 30.0
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def toys_are_importable(domain: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def toys(journal: Path) -> Callable[..., NodeSpec]:
    def spec(module: str, *nodes: str, **fields: Any) -> NodeSpec:
        parameters = {"journal": str(journal), **fields.pop("parameters", {})}
        return NodeSpec(
            f"toys.{module}", module, nodes or (module,), parameters=parameters, **fields
        )

    return spec


def stack(*specs: NodeSpec, **options: Any) -> Stack:
    options.setdefault("on_output", lambda process, line: None)
    return Stack(Arguments(), table=lambda _: specs, **options)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_nodes_come_up_in_order_and_go_down_in_reverse(
    toys: Callable[..., NodeSpec], journal: Path
) -> None:
    """Also the nodes that share a process are led one by one."""
    progress: list[str] = []
    specs = toys("first"), toys("pair", "left", "right"), toys("second")
    with stack(*specs, on_progress=progress.append) as running:
        names = ["first", "left", "right", "second"]
        up = [f"{name} {step}" for name in names for step in ("configure", "activate")]
        assert journal.read_text().split("\n")[:-1] == up
        assert [line for line in progress if line.endswith(": active")] == [
            f"{name}: active" for name in names
        ]
        pids = [process.pid for process in running.processes]
        assert len(pids) == 3 and all(is_there(pid) for pid in pids)
        running.check()
    down = [f"{name} {step}" for name in reversed(names) for step in ("deactivate", "cleanup")]
    assert journal.read_text().split("\n")[:-1] == up + down
    assert not any(is_there(pid) for pid in pids)
    running.close()


def test_the_middleware_is_set_for_all_processes(
    toys: Callable[..., NodeSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discovery on this host, and shared memory that camera images fit into."""
    monkeypatch.delenv("ROS_AUTOMATIC_DISCOVERY_RANGE")
    with stack(toys("first")) as running:
        environment = Path(f"/proc/{running.processes[0].pid}/environ").read_text()
    assert "ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST" in environment
    assert "config/fastdds.xml" in environment


def test_parameters_namespace_and_logs(
    toys: Callable[..., NodeSpec], journal: Path, tmp_path: Path
) -> None:
    """A later file goes before an earlier one, parameters before files; output goes to files."""
    files = []
    for name in ("file", "own"):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(f"/**/second:\n  ros__parameters: {{greeting: {name}}}\n")
    text = 'quoted "text": true'
    specs = (
        toys("first", namespace="/lab/left", parameters={"greeting": text, "deaf": False}),
        toys("second", namespace="/lab/left", parameter_files=tuple(map(str, files))),
    )
    with stack(*specs, log_folder=tmp_path / "log", domain=101):
        lines = journal.read_text().split("\n")
    assert text in lines and "own" in lines and "file" not in lines
    assert "shutting down" in (tmp_path / "log" / "first.log").read_text()


def test_a_refusing_node_ends_the_stack_with_its_reason(toys: Callable[..., NodeSpec]) -> None:
    """The error names node, step and reason, and no process is left."""
    broken = toys("second", parameters={"refuses": "second activate"})
    running = stack(toys("first"), broken)
    with pytest.raises(StackError, match=r"(?s)second refused to activate.*no screwdriver"):
        running.__enter__()
    assert len(running.processes) == 2
    assert not any(is_there(process.pid) for process in running.processes)


@pytest.mark.parametrize("fault", ["refuses", "dies_in"])
def test_all_others_come_up_without_an_optional_one(
    toys: Callable[..., NodeSpec], journal: Path, fault: str
) -> None:
    """It is told what went wrong with it."""
    progress: list[str] = []
    broken = toys("second", parameters={fault: "second configure"}, optional=True)
    with stack(broken, toys("first"), on_progress=progress.append) as running:
        assert "first activate" in journal.read_text()
        running.check()
        assert any("all others go on without it" in line for line in progress)


def test_the_end_of_an_optional_process_is_told_and_no_more(
    toys: Callable[..., NodeSpec],
) -> None:
    """That of any other still ends the stack."""
    told: SimpleQueue[str] = SimpleQueue()
    specs = toys("first"), toys("second", optional=True)
    with stack(*specs, on_progress=told.put) as running:
        needed, optional = running.processes
        optional.signal(signal.SIGKILL)
        while "second ended by SIGKILL" not in told.get(timeout=WAIT):
            pass
        running.wait(timeout=0.1)
        running.check()
        needed.signal(signal.SIGKILL)
        with pytest.raises(StackError, match="first ended by SIGKILL"):
            running.wait(timeout=WAIT)


def test_a_process_that_dies_on_the_way_up_is_named(
    toys: Callable[..., NodeSpec], journal: Path
) -> None:
    """Its last words are told; those that were up are brought down in order."""
    dying = toys("second", parameters={"dies_in": "second configure"})
    with pytest.raises(StackError, match=r"(?s)second ended with status 7.*tell my mother"):
        stack(toys("first"), dying).__enter__()
    assert journal.read_text().split("\n")[-3:-1] == ["first deactivate", "first cleanup"]


def test_a_process_that_cannot_start_is_named(toys: Callable[..., NodeSpec]) -> None:
    """A bad parameter, here, found long before a time-out."""
    with pytest.raises(StackError, match=r"(?s)first ended with status 2.*greeting"):
        stack(toys("first", parameters={"greeting": 3})).__enter__()


def test_wait_tells_which_process_ended(toys: Callable[..., NodeSpec], journal: Path) -> None:
    """The others are still brought down in order."""
    with stack(toys("first"), toys("second")) as running:
        running.wait(timeout=0.01)
        os.kill(running.processes[1].pid, signal.SIGKILL)
        with pytest.raises(StackError, match="second ended by SIGKILL"):
            running.wait(timeout=WAIT)
        with pytest.raises(StackError, match="second ended by SIGKILL"):
            running.check()
    assert journal.read_text().split("\n")[-3:-1] == ["first deactivate", "first cleanup"]


def test_a_deaf_process_is_killed(toys: Callable[..., NodeSpec]) -> None:
    """SIGINT and SIGTERM are given their time, then it is over."""
    lines: SimpleQueue[str] = SimpleQueue()
    ended: SimpleQueue[NodeProcess] = SimpleQueue()
    spec = toys("first", parameters={"deaf": True})
    process = NodeProcess(spec, child_environment(os.environ), lines.put, ended.put)
    with spinning_node("client") as node:  # it is deaf once it answers
        client = node.create_client(GetState, "first/get_state")
        call(client, GetState.Request(), WAIT, ask_again=1.0)
    end_all([process], patience=0.2)
    assert process.status == "by SIGKILL"
    assert ended.get(timeout=WAIT) is process
    end_all([process])


def test_children_find_their_libraries_whatever_the_parent_is(
    toys: Callable[..., NodeSpec], journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark of the wheels' bootstrap without its library path, as a plain parent may have."""
    monkeypatch.setenv("_ROS_WHEELS_BOOTSTRAP_COMPLETE", "1")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    with stack(toys("first")):
        assert "first activate" in journal.read_text()


def test_two_stacks_do_not_share_node_names(toys: Callable[..., NodeSpec], journal: Path) -> None:
    """The second is refused before it touches a node, unless it has a namespace of its own."""
    with stack(toys("first")):
        with pytest.raises(ClaimedError, match="another stack runs here in namespace /"):
            stack(toys("first")).__enter__()
        assert journal.read_text() == "first configure\nfirst activate\n"
        with stack(toys("first", namespace="/other")), stack(toys("second", part="planning")):
            pass


RUNNER = """
import sys
from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.node_table import NodeSpec
from vjepa2_bringup.runner import Stack
spec = NodeSpec("toys.first", "first", ("first",))
with Stack(Arguments(), table=lambda _: [spec]) as stack:
    print(stack.processes[0].pid, flush=True)
    stack.wait()
"""


def test_no_child_outlives_a_killed_runner() -> None:
    """SIGKILL leaves the runner no time to end anything."""
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], stdout=subprocess.PIPE, text=True)
    try:
        assert runner.stdout is not None
        child = os.pidfd_open(int(runner.stdout.readline()))
    finally:
        runner.kill()
        runner.communicate()
    with os.fdopen(child):
        gone = bool(select.select([child], [], [], WAIT)[0])
        if not gone:
            signal.pidfd_send_signal(child, signal.SIGKILL)
    assert gone


def test_environment_of_children() -> None:
    """The user's own discovery range holds; domain and log folder are passed on."""
    environment = child_environment(
        {"_ROS_WHEELS_BOOTSTRAP_COMPLETE": "1", "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"},
        domain=7,
        log_folder=Path("logs"),
    )
    assert "_ROS_WHEELS_BOOTSTRAP_COMPLETE" not in environment
    assert environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SUBNET"
    assert environment["ROS_DOMAIN_ID"] == "7"
    assert environment["ROS_LOG_DIR"] == "logs/ros"


def test_command_line() -> None:
    """Texts are quoted for YAML, so that they stay texts."""
    spec = NodeSpec(
        "package.module", "module", ("node",), namespace="/lab", parameter_files=("a.yaml",),
        parameters={"address": "127", "dry_run": True},
    )  # fmt: skip
    assert command(spec)[1:] == [
        "-m", "package.module", "--ros-args", "--params-file", "a.yaml",
        "-p", 'address:="127"', "-p", "dry_run:=true", "-r", "__ns:=/lab",
        "--enclave", "/module",
    ]  # fmt: skip

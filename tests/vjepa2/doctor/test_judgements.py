"""What is thought of a host's settings, on hosts unlike this one."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from vjepa2.doctor import clock, cpu_governor, discovery, disk, memory, realtime_kernel
from vjepa2.doctor import packages as package_check
from vjepa2.doctor.finding import State
from vjepa2.doctor.host import Host
from vjepa2.doctor.realtime_limits import judge as judge_limits

OK, WARNING, MISSING = State.OK, State.WARNING, State.MISSING
RANGE = discovery.RANGE


@pytest.mark.parametrize(
    ("part", "environment", "state"),
    [
        ("all", {}, OK),
        ("all", {RANGE: "LOCALHOST", "ROS_DOMAIN_ID": "7"}, OK),
        ("all", {RANGE: "SUBNET"}, WARNING),
        ("all", {"ROS_DOMAIN_ID": "150"}, WARNING),
        ("all", {"ROS_DOMAIN_ID": "233"}, MISSING),
        ("all", {"ROS_DOMAIN_ID": "-1"}, MISSING),
        ("all", {RANGE: "NEARBY"}, MISSING),
        ("all", {RANGE: "OFF"}, MISSING),
        ("all", {"ROS_LOCALHOST_ONLY": "1"}, MISSING),
        ("robot", {}, OK),
        ("robot", {RANGE: "LOCALHOST"}, MISSING),
        ("planning", {RANGE: "LOCALHOST", "ROS_STATIC_PEERS": "10.0.0.2"}, OK),
    ],
)
def test_discovery(part: str, environment: dict[str, str], state: State) -> None:
    """One host keeps to itself; two must find each other."""
    finding = discovery.judge(Host(part), environment)
    assert finding.state is state, finding


@pytest.mark.parametrize(
    ("built", "flag", "state"),
    [
        ("#1 SMP PREEMPT_RT Debian", None, OK),
        ("#1 SMP", "1\n", OK),
        ("#1 SMP", "0\n", WARNING),
        ("#1 SMP PREEMPT_DYNAMIC", None, WARNING),
    ],
)
def test_kernel(tmp_path: Path, built: str, flag: str | None, state: State) -> None:
    """By its build, or by the file of patched kernels."""
    if flag is not None:
        (tmp_path / realtime_kernel.FLAG).parent.mkdir(parents=True)
        (tmp_path / realtime_kernel.FLAG).write_text(flag)
    assert realtime_kernel.judge("6.12.0", built, tmp_path, real_arm=False).state is state
    beside_an_arm = realtime_kernel.judge("6.12.0", built, tmp_path, real_arm=True)
    assert beside_an_arm.state is (OK if state is OK else MISSING)


@pytest.mark.parametrize(
    ("may_run_first", "locked", "state"),
    [
        (True, resource.RLIM_INFINITY, OK),
        (True, 2**30, OK),
        (False, resource.RLIM_INFINITY, WARNING),
        (True, 8 * 2**20, WARNING),
    ],
)
def test_priorities(may_run_first: bool, locked: int, state: State) -> None:
    """Both are needed."""
    assert judge_limits(may_run_first, locked, real_arm=False).state is state
    beside_an_arm = judge_limits(may_run_first, locked, real_arm=True)
    assert beside_an_arm.state is (OK if state is OK else MISSING)


def test_a_real_arm_is_told_from_a_simulated_one() -> None:
    """By its address: simulated ones are on this host."""
    assert Host(robot="172.16.0.2").has_real_arm
    assert not Host(robot="127.0.0.1").has_real_arm
    assert not Host().has_real_arm


@pytest.mark.parametrize(
    ("governors", "state"),
    [(["performance"] * 2, OK), (["performance", "powersave"], WARNING), ([], OK)],
)
def test_governor(tmp_path: Path, governors: list[str], state: State) -> None:
    """One slow processor is enough."""
    for number, governor in enumerate(governors):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{number}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_governor").write_text(governor + "\n")
    assert cpu_governor.judge(tmp_path).state is state


@pytest.mark.parametrize(("available", "state"), [(1, MISSING), (4, WARNING), (12, OK)])
def test_memory(available: int, state: State) -> None:
    """In GiB."""
    meminfo = f"MemTotal: {16 * 2**20} kB\nMemAvailable: {available * 2**20} kB\n"
    assert memory.judge(meminfo).state is state


@pytest.mark.parametrize(("free", "state"), [(0.5, MISSING), (5.0, WARNING), (50.0, OK)])
def test_disk(tmp_path: Path, free: float, state: State) -> None:
    """In GB."""
    assert disk.judge(tmp_path, free).state is state


@pytest.mark.parametrize(
    ("tracking", "state"),
    [
        # Both as chrony 4.3 wrote them, with and without a source of time.
        (
            "7F7F0101,,8,1795671955.160186776,0.000000000,0.000000000,0.000000000,0.000,0.000,"
            "0.000,0.000000000,0.000000000,0.0,Normal\n",
            OK,
        ),
        (
            "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,"
            "1.000000000,1.000000000,0.0,Not synchronised\n",
            MISSING,
        ),
        (
            "0A000001,10.0.0.1,3,1795671955.1,-0.015,0.000000000,0.000000000,0.000,0.000,"
            "0.000,0.001000000,0.000100000,64.2,Normal\n",
            MISSING,
        ),
        ("501 Not authorised\n", WARNING),
    ],
)
def test_clock(tracking: str, state: State) -> None:
    """Followed, unfollowed, too far off, and something unknown."""
    assert clock.judge(tracking).state is state


def test_packages_that_are_absent_or_others() -> None:
    """The remedy is the command."""
    pinned = {"numpy": "1.0", "no-such-package": "2.0", "rich": package_check.version("rich")}
    assert package_check.compare(pinned, ["rich"]).state is OK
    other = package_check.compare(pinned, ["rich", "numpy"])
    assert (other.state, other.remedy) == (WARNING, "pip install numpy==1.0")
    absent = package_check.compare(pinned, ["numpy", "no-such-package"])
    assert (absent.state, absent.remedy) == (MISSING, "pip install no-such-package==2.0")


def test_pins_are_of_this_machine() -> None:
    """Extras and other machines' packages are left out."""
    lines = ["a==1", 'b==2; extra == "dev"', 'c==3; platform_machine == "none"']
    assert package_check.pins(lines) == {"a": "1"}

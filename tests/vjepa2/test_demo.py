"""The demo, run as a person would run it."""

import json
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from safetensors.torch import save_file

from tests.processes import descendants
from vjepa2_models import WorldModel, read_dimensions

STEPS = 4
SUMMARY_KEYS = {
    *("task", "success", "steps", "start_distance_m", "final_distance_m"),
    *("planning_seconds_median", "planning_seconds_p95", "seed", "versions"),
}


def _command(runs: Path, *arguments: str) -> list[str]:
    demo = [sys.executable, "-m", "vjepa2.cli", "demo", "--seed", "11", "--out", str(runs)]
    return [*demo, *arguments]


def _run(runs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(runs, *arguments), capture_output=True, text=True, timeout=180)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folder of the runs."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def reached(runs):
    """A demo that reaches its goal."""
    return _run(runs, "--world-model", "simulator", "--steps", str(STEPS))


def test_it_reaches_the_goal_and_shows_each_step(reached):
    """Status 0, a row for each step, and where the results are."""
    assert reached.returncode == 0, reached.stderr
    assert (
        len(re.findall(r"│ +\d+ │ reach │ \d\.\d{4} │.* cm │ +\d+ ms │", reached.stdout)) == STEPS
    )
    assert "index.html" in reached.stdout


def test_the_figures_of_the_run(runs, reached):
    """`latest` leads to a summary with every agreed key."""
    summary = json.loads((runs / "latest" / "summary.json").read_text())
    assert set(summary) >= SUMMARY_KEYS
    assert summary["task"] == "reach"
    assert summary["success"] is True
    assert summary["steps"] == STEPS
    assert summary["seed"] == 11
    assert summary["start_distance_m"] > 0.14
    assert summary["final_distance_m"] < 0.01
    assert summary["versions"]["torch"].startswith("2.")


def test_the_film_of_the_run(runs, reached):
    """Half a second for each view, in a coding that browsers play, and the views differ."""
    with av.open(runs / "latest" / "video.mp4") as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(stream)]
    assert len(frames) == 5 * (STEPS + 1)
    side = frames[0].shape[0]
    assert side >= 256
    live, goal = frames[-1][:, :side], frames[-1][:, side:]
    assert abs(live - goal).mean() < 5 < abs(frames[0][:, :side] - goal).mean()


def test_the_page_of_the_run(runs, reached):
    """Start, goal, end and curves are inside; nothing comes from elsewhere."""
    page = (runs / "latest" / "index.html").read_text()
    sources = re.findall(r'src="([^"]{1,40})', page)
    assert len(sources) == 5
    assert [s for s in sources if not s.startswith("data:image/")] == ["video.mp4"]
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page)
    assert "seed 11: reached" in page
    assert page.count("<tr>") == STEPS + 1


def test_a_task_with_an_object(tmp_path):
    """Its goal images one after the other, in the rows, in the film and in the figures."""
    ended = _run(tmp_path, "--task", "grasp", "--object", "box")
    summary = json.loads((tmp_path / "latest" / "summary.json").read_text())
    assert ended.returncode == (0 if summary["success"] else 1), ended.stderr
    assert (summary["task"], summary["object"]) == ("grasp box", "box")
    assert summary["outcome"] == "BUDGET_SPENT"
    shown = re.findall(r"│ +\d+ │ +(\w+) │ \d\.\d{4} │", ended.stdout)
    assert shown == ["above"] * 4 + ["around"] * 3 + ["grasp"] * 4 + ["lift"] * 3
    with av.open(tmp_path / "latest" / "video.mp4") as film:
        assert film.streams.video[0].frames == 5 * (len(shown) + 1)
    page = (tmp_path / "latest" / "index.html").read_text()
    assert f"grasp box, seed 11: {summary['cause']}" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--object", "cup"], "add --task pick_and_place"),
        (["--task", "grasp", "--steps", "3"], "budgets of their own"),
        (["--task", "grasp", "--world-model", "simulator"], "only reach has it"),
    ],
)
def test_what_does_not_go_together(tmp_path, arguments, message):
    """Status 2 and the remedy; nothing is started."""
    ended = _run(tmp_path, *arguments)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_a_goal_that_is_not_reached(tmp_path):
    """One step of 13 cm is not enough for 20: status 1, and a run to look at."""
    ended = _run(tmp_path, "--world-model", "simulator", "--steps", "1")
    assert ended.returncode == 1, ended.stderr
    summary = json.loads((tmp_path / "latest" / "summary.json").read_text())
    assert summary["success"] is False
    assert summary["steps"] == 1
    assert (tmp_path / "latest" / "index.html").exists()


def test_a_checkpoint_of_another_size(tmp_path, golden_config):
    """Status 2 and one line that names a weight; no run is left."""
    smaller, larger = golden_config, {**golden_config, "img_size": 96}
    larger["encoder"] = {**larger["encoder"], "embed_dim": 192}
    weights = WorldModel(read_dimensions(smaller)).state_dict()
    stated = read_dimensions(larger).to_json()
    save_file(weights, tmp_path / "wrong.safetensors", metadata={"dimensions": stated})
    ended = _run(tmp_path / "runs", "--world-model", str(tmp_path / "wrong.safetensors"))
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "of another size" in line
    assert "norm.weight" in line or "blocks.0" in line
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_leaves_nothing_running(tmp_path):
    """Status 130, all nodes and the simulation have ended, and no half run is left."""
    demo = subprocess.Popen(
        _command(tmp_path / "runs", "--world-model", "simulator", "--steps", "500"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if "to go" in line:
            break
    watched = [os.pidfd_open(child) for child in descendants(demo.pid)]
    demo.send_signal(signal.SIGINT)
    demo.stdout.read()
    assert demo.wait(timeout=30) == 130
    # Three processes of nodes, and the simulation that one of them has started.
    assert len(watched) == 4
    for process in watched:
        ended, _, _ = select.select([process], [], [], 30.0)
        assert ended == [process]
        os.close(process)
    demo.stdout.close()
    assert not (tmp_path / "runs").exists()

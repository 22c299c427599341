"""The real readers of files, in the child: each says with which documented error it refused."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.cases import ACCEPTED
from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.up import parse
from vjepa2_franka.franka_bridge import FrankaBridge
from vjepa2_models.baselines.policy_file import load_policy
from vjepa2_models.checkpoint import CheckpointError, load_world_model
from vjepa2_models.checkpoint_parts import read_parts
from vjepa2_models.frame_decoder_file import load_frame_decoder
from vjepa2_models.inferred_sizes import sizes
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings
from vjepa2_models.training.post_training.post_training_settings import PostTraining
from vjepa2_monitor import replay
from vjepa2_node.run_nodes import run_nodes
from vjepa2_planner.calibration import CalibrationError, read_calibration, read_reference
from vjepa2_planner.calibration.pairs import read_pairs
from vjepa2_planner.calibration.recording import recorded_camera
from vjepa2_planner.task import read_task
from vjepa2_planner.task_fields import TaskError
from vjepa2_planning.calibration_messages import calibration_report
from vjepa2_planning.calibrator_node import CalibratorNode
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.planner_node import PlannerNode
from vjepa2_planning.sequencer_node import SequencerNode
from vjepa2_sim.exit_status import exit_status

NODES = {
    "franka_bridge": FrankaBridge,
    "planner": PlannerNode,
    "sequencer": SequencerNode,
    "calibrator": CalibratorNode,
}


def task_file(path: Path) -> str:
    """As `sequencer/load_task` reads it."""
    try:
        read_task(path)
    except TaskError as error:
        return said(error)
    return ACCEPTED


def own_parameters(path: Path) -> str:
    """As `vjepa2 up config:=` looks at it before anything starts."""
    return command(lambda _: Arguments(config=str(path)) and 0)


def node_parameters(path: Path, name: str) -> str:
    """As a node's process reads it: `--params-file`, and the node itself."""

    def make() -> list[Any]:
        NODES[name]().close()
        raise KeyboardInterrupt  # enough of it

    return command(lambda _: run_nodes(make, ["--ros-args", "--params-file", str(path)]))


def words(given: Sequence[str]) -> str:
    """As `vjepa2 up` reads its command line."""
    return command(lambda _: parse(given) and 0)


def recorded_run(folder: Path) -> str:
    """As `vjepa2 replay` reads it."""
    return command(replay.main, [str(folder)])


def settings(path: Path) -> str:
    """As a training reads it."""
    try:
        read_settings(PostTraining, path)
    except (SettingsError, FileNotFoundError) as error:
        return said(error)
    return ACCEPTED


def calibration(path: Path) -> str:
    """As `calibrator/load` reads it, and tells the planner."""
    try:
        read = read_calibration(path)
    except CalibrationError as error:
        return f"{error.code.name}" if said(error) else ""
    assert np.isfinite(read.rotation).all()
    assert read.age_warning() is not None
    calibration_report(read, "in use")
    return ACCEPTED


def reference(path: Path) -> str:
    """As `calibrator/load` reads the picture beside a calibration."""
    try:
        read_reference(path)
    except (OSError, ValueError) as error:
        return said(error)
    return ACCEPTED


def pairs(folder: Path) -> str:
    """As `vjepa2 calibrate` reads what was recorded."""
    try:
        recorded_camera(folder)
        list(read_pairs(folder))
    except CalibrationError as error:
        said(error)
        return error.code.name
    return ACCEPTED


def goals(folder: Path) -> str:
    """As the sequencer reads it when it is configured: what is bad is left out, with a word."""
    library = GoalLibrary(folder)
    faults = library.load()
    for name in library.names:
        goal = library.get(name)
        assert goal is not None
        assert goal.state is None or np.isfinite(goal.state).all()
        assert np.isfinite(goal.stamp)
    assert all(len(fault) < 1000 for fault in faults)
    return "left out" if faults else ACCEPTED


def world_model(path: Path, config: Path | None) -> str:
    """As the world model node reads it."""
    return checkpoint(lambda: load_world_model(path, config))


def parts(path: Path) -> str:
    """As `vjepa2 weights` and the trainings read it."""
    return checkpoint(lambda: sizes(read_parts(path)))


def policy(path: Path) -> str:
    """As `vjepa2 evaluate --planner policy` reads it."""
    return checkpoint(lambda: load_policy(path))


def decoder(path: Path, model: Path) -> str:
    """As `vjepa2 imagine` and the dashboard read it."""
    encoder = load_world_model(model).encoder
    return checkpoint(lambda: load_frame_decoder(path, encoder))


def training(folder: Path) -> str:
    """As a training that goes on reads it."""
    return checkpoint(lambda: Checkpoints(folder, {"settings": {"steps": 4}}).check(resume=True))


def checkpoint(read: Callable[[], object]) -> str:
    """The error that every reader of weights documents."""
    try:
        read()
    except CheckpointError as error:
        return said(error)
    return ACCEPTED


def said(error: Exception) -> str:
    """Name of the error, which must come with a sentence that can be read."""
    sentence = str(error)
    assert 10 < len(sentence) < 20_000, f"a sentence of {len(sentence)} letters"
    return type(error).__name__


def command(run: Callable[[Sequence[str]], int | None], words: Sequence[str] = ()) -> str:
    """What a command's status was; it must say why in one line, without a traceback."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        status = exit_status(run, words)
    text = told.getvalue()
    assert "Traceback" not in text, text
    if status == 0:
        return ACCEPTED
    assert status in (1, 2), f"status {status}: {text}"
    if status == 2 and "error: " in text:
        last = text.strip().splitlines()[-1]
        assert last.startswith("error: "), text
        assert 20 < len(last) < 20_000, f"a line of {len(last)} letters"
        # What Python says of an error that nobody foresaw is no sentence for a person.
        assert not any(sign in last for sign in UNFORESEEN), last
    return f"status {status}"


UNFORESEEN = ("object has no attribute", "'<' not supported")

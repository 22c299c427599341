"""The records of a training."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from vjepa2_models.training.engine.run_folder import RunFolder, read_history


def tensorboard_steps(folder: Path) -> list[int]:
    board = EventAccumulator(str(folder / "tensorboard"))
    board.Reload()
    return [event.step for event in board.Scalars("loss")]


def test_a_fault_loses_no_record(tmp_path: Path) -> None:
    """What was added before it is in both files."""
    with pytest.raises(RuntimeError, match="broken off"), RunFolder(tmp_path, 0) as run:
        run.add({"step": 1, "loss": 2.0})
        raise RuntimeError("broken off")
    assert read_history(tmp_path / "metrics.jsonl") == [{"step": 1, "loss": 2.0}]
    assert tensorboard_steps(tmp_path) == [1]


def test_records_after_the_checkpoint_are_forgotten(tmp_path: Path) -> None:
    """A resumed training makes them anew; a line that was cut off does no harm."""
    with RunFolder(tmp_path, 0) as run:
        for step in (1, 2, 3):
            run.add({"step": step, "loss": 1.0})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    with RunFolder(tmp_path, 2) as run:
        assert [record["step"] for record in run.history] == [1, 2]
        run.add({"step": 3, "loss": 0.5})
    assert [r["loss"] for r in read_history(tmp_path / "metrics.jsonl")] == [1.0, 1.0, 0.5]
    assert tensorboard_steps(tmp_path) == [1, 2, 3]

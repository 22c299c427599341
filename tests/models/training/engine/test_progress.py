"""The line that says how a training is doing."""

import logging

import pytest

from vjepa2_models.training.engine.progress import progress_line


def test_a_log_file_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    """Where there is no terminal, each report says what the line would show."""
    scalars = {"loss": 0.25, "learning_rate": 1e-3, "samples_per_second": 12.0}
    with caplog.at_level(logging.INFO), progress_line(10, 4, visible=True) as line:
        line.advance(scalars)
        line.reported(5)
    assert "step 5: loss 0.2500  lr 1.0e-03  12.0/s" in caplog.text

"""Settings of a training."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.test_task_files import yaml_files
from tests.fuzz.values import EXECUTED

GOOD = Path(__file__).parents[2] / "config" / "training" / "post_train_sim_small.yaml"


@sizes(800)
def test_settings(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """SettingsError with the key's full name."""
    path = tmp_path / "training.yaml"

    def examine(content: bytes) -> str:
        path.write_bytes(content)
        return child.call(readers.settings, path)

    tally = page.tally("settings of a training")
    tally.draw(yaml_files(yaml.safe_load(GOOD.read_text())), cases, examine)
    tally.check()
    assert not Path(EXECUTED).exists()

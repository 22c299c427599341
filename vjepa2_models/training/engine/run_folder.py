"""What a training leaves behind, in one folder.

config.yaml           the settings as used
metrics.jsonl         a record for each report
tensorboard/          the same, for TensorBoard
checkpoints/last.pt   everything to go on from
"""

import json
from pathlib import Path
from typing import Self, TypeAlias

from torch.utils.tensorboard import SummaryWriter

History: TypeAlias = list[dict[str, float]]
"""One record for each report: `step` and the scalars of that moment."""


class RunFolder:
    """Keeps the records of a training; those of a resumed one are gone on with."""

    def __init__(self, path: Path, first_step: int) -> None:
        """Opens the folder, and forgets records that are later than `first_step`."""
        self.path = path
        self.metrics = path / "metrics.jsonl"
        self.history = [r for r in read_history(self.metrics) if r["step"] <= first_step]
        partial = self.metrics.with_suffix(".partial")
        partial.write_text("".join(json.dumps(record) + "\n" for record in self.history))
        partial.replace(self.metrics)
        self._board = SummaryWriter(path / "tensorboard", purge_step=first_step + 1)

    def add(self, record: dict[str, float]) -> None:
        """Keeps a record; its `step` counts the steps done."""
        self.history.append(record)
        with self.metrics.open("a") as file:
            file.write(json.dumps(record) + "\n")
        for name, value in record.items():
            if name != "step":
                self._board.add_scalar(name, value, int(record["step"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._board.close()


def read_history(metrics: Path) -> History:
    """The records of a `metrics.jsonl`; a last line that was cut off is left out."""
    if not metrics.exists():
        return []
    return [json.loads(line) for line in metrics.read_text().splitlines(True) if line[-1] == "\n"]

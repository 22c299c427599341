"""Strips of pictures below each other, a row for each kind, as in figure 15 of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
CELL_INCHES = 1.1
MARGIN_INCHES = 1.4


def draw_strip(rows: Mapping[str, Pictures], title: str, path: Path) -> None:
    """Writes a PNG of labelled rows, each uint8 [T,S,S,3], a step from frame to frame."""
    length = len(next(iter(rows.values())))
    size = (CELL_INCHES * length + MARGIN_INCHES, CELL_INCHES * len(rows) + 0.6)
    figure = Figure(figsize=size, layout="constrained")
    cells = figure.subplots(len(rows), length, squeeze=False)
    for line, (label, pictures) in zip(cells, rows.items(), strict=True):
        for cell, picture in zip(line, pictures, strict=True):
            cell.imshow(picture)
            cell.set(xticks=[], yticks=[])
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
    for step, cell in enumerate(cells[-1]):
        cell.set_xlabel(f"step {step}")
    figure.suptitle(title)
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)

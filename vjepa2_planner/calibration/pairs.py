"""Pairs of pictures around one executed move, in memory and in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError

FIELDS = ("before", "after", "state", "executed")


@dataclass(frozen=True, eq=False)
class Pair:
    """What was seen around a move.

    before, after: as the world model encodes them, uint8 RGB [H, W, 3] from a camera.
    state: of the arm before the move [7]; x y z in m, extrinsic xyz Euler angles in rad,
    closedness. executed: the measured change of x y [2] in m, robot's base frame.
    """

    before: NDArray[np.generic]
    after: NDArray[np.generic]
    state: NDArray[np.float64]
    executed: NDArray[np.float64]


def write_pair(folder: Path, index: int, pair: Pair) -> Path:
    """Write a pair as ``folder/pair_<index>.npz``, complete or not at all; returns the file."""
    path = folder / f"pair_{index:05d}.npz"
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **{name: getattr(pair, name) for name in FIELDS})
    partial.replace(path)
    return path


def read_pairs(folder: Path) -> Iterator[Pair]:
    """The recorded pairs of a folder, in order, one at a time.

    Nothing is unpickled. Raises :class:`CalibrationError` for a folder without pairs, and for a
    file that is none.
    """
    check_pairs(folder)
    for file in sorted(folder.glob("pair_*.npz")):
        yield _read(file)


def check_pairs(folder: Path) -> None:
    """Raises :class:`CalibrationError` for a folder without pairs."""
    if not count_pairs(folder):
        raise CalibrationError(
            CalibrationCode.CANNOT_READ, f"{folder} holds no recorded pairs (pair_*.npz)"
        )


def count_pairs(folder: Path) -> int:
    """How many pairs a folder holds."""
    return len(list(folder.glob("pair_*.npz")))


def _read(file: Path) -> Pair:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            pair = Pair(*(arrays[name] for name in FIELDS))
    # Readers of a broken archive raise what they like.
    except Exception as error:
        raise CalibrationError(CalibrationCode.CANNOT_READ, f"{file}: {error}") from error
    shapes = (pair.state.shape, pair.executed.shape)
    if shapes != ((7,), (2,)) or pair.before.shape != pair.after.shape:
        raise CalibrationError(
            CalibrationCode.CANNOT_READ,
            f"{file}: a pair has two pictures of one size, a state [7] and a move [2]",
        )
    return pair

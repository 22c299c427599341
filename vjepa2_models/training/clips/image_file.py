"""Reading an image file, through PyAV like everything else."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from vjepa2_data import BrokenEpisodeError


def read_image(path: Path) -> NDArray[np.uint8]:
    """RGB uint8 [H, W, 3].

    Raises:
        BrokenEpisodeError: naming the file, if it has gone or can't be decoded.
    """
    try:
        with av.open(path) as container:
            frame = next(container.decode(video=0))
            return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    except (av.FFmpegError, OSError, IndexError, StopIteration) as error:
        raise BrokenEpisodeError("image can't be read", f"{path}: {error}") from error

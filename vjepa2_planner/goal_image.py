"""Goal images as files."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


class GoalImageError(ValueError):
    """A file is no image that can be a goal; the message says why, without the path."""


def read_goal_image(path: Path) -> NDArray[np.uint8]:
    """RGB [H, W, 3] of an image file, turned as its EXIF data says; transparency is ignored.

    Raises GoalImageError for a file that is missing, no image, broken or not of 8 bits a channel.
    """
    try:
        if path.exists() and not path.is_file():
            raise GoalImageError("is no file")  # a pipe would be waited for, for ever
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.mode not in EIGHT_BIT_MODES:
                    raise GoalImageError(
                        f"has pixels of kind {image.mode}; save it with 8 bits per channel"
                    )
                upright = ImageOps.exif_transpose(image)
                return np.array(upright.convert("RGB"), dtype=np.uint8)
    except GoalImageError:
        raise
    except FileNotFoundError:
        raise GoalImageError("is not there; check the path") from None
    # Decoders of broken files raise what they like.
    except Exception as error:
        raise GoalImageError(f"cannot be read as an image ({error}); save it as PNG") from error


def write_goal_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Store RGB [H, W, 3] as PNG, without loss; the file is whole or not there. Raises OSError."""
    unfinished = path.with_suffix(".unfinished")
    Image.fromarray(np.ascontiguousarray(image)).save(unfinished, format="PNG")
    unfinished.replace(path)

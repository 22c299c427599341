"""What a training says where a disk is full: what could not be written, and how to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError


@contextmanager
def writing(what: str, checkpoint: Path) -> Iterator[None]:
    """Names what was being written, where that fails.

    Args:
        what: "the records of step 4".
        checkpoint: of the run, which may be there or not yet.

    Raises:
        OSError: in place of what Python, torch or safetensors raised: none of them names both the
            file and a cause that a person would know.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        kept, how = "", "again"
        if checkpoint.exists():
            kept, how = f"; the last checkpoint, {checkpoint}, is complete", "with --resume"
        raise OSError(
            f"{what} could not be written ({error}){kept}. Free some space on that disk and run "
            f"the same command {how}."
        ) from error

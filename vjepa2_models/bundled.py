"""The small world model that comes with the project."""

from pathlib import Path

BUNDLED = Path(__file__).parent / "weights" / "table_top.safetensors"


def bundled_checkpoint() -> Path:
    """Path of the bundled checkpoint; its model card lies beside it.

    Raises:
        FileNotFoundError: if the installation lacks it.
    """
    if not BUNDLED.is_file():
        raise FileNotFoundError(
            f"no bundled world model at {BUNDLED}: reinstall, or train one (see README)"
        )
    return BUNDLED

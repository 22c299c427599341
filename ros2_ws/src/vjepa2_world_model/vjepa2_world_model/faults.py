"""Every failure of a call becomes an error with a code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vjepa2_msgs.msg import WorldModelCode
from vjepa2_node.images import ImageError
from vjepa2_world_model.access import WorldModelError
from vjepa2_world_model.latents import UnknownLatentError


@contextmanager
def with_codes() -> Iterator[None]:
    """Turn what is raised inside into WorldModelError."""
    try:
        yield
    except WorldModelError:
        raise
    except UnknownLatentError as error:
        raise WorldModelError(WorldModelCode.UNKNOWN_LATENT, str(error)) from error
    except ImageError as error:
        raise WorldModelError(WorldModelCode.BAD_IMAGE, str(error)) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise WorldModelError(WorldModelCode.FAILED, f"the model failed: {reason}") from error

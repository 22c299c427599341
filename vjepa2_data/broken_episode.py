"""What is wrong with an episode on disk."""

from __future__ import annotations


class BrokenEpisodeError(ValueError):
    """An episode can't be used: `reason` is short and the same for all episodes so broken.

    `detail` names the file or value; the message holds both.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[BrokenEpisodeError], tuple[str, str]]:
        # An exception that crosses processes is made again from what it was made of.
        return type(self), (self.reason, self.detail)

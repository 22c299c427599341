"""Saying which clips can't be read."""

import logging
from functools import cache

log = logging.getLogger(__name__)


@cache
def warn_of_skipped(what: str) -> None:
    """Once in each process: a broken episode is drawn again in every epoch, and by every row."""
    log.warning("skipped: %s; another clip takes its place", what)

"""A real browser, without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ELSEWHERE = "elsewhere.test"
"""A host name that leads to this machine, as a hostile name server would have it."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium; scripts/browser installs it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "there is no chromium: run scripts/browser as root"
    with sync_playwright() as playwright:
        # Its sandbox needs what containers do not give, and it only sees our own page.
        options = ["--no-sandbox", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        yield chromium
        chromium.close()

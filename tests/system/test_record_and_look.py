"""A task on the real nodes, recorded, replayed, and watched and steered in a real browser."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from playwright.sync_api import Page, expect

from tests.ros.conftest import Graph
from tests.system.browser import ELSEWHERE, browser
from tests.system.conftest import Lab
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_monitor import replay
from vjepa2_msgs.msg import MotionCode, RobotMode, TaskCode, TaskStatus
from vjepa2_msgs.srv import Recover
from vjepa2_node import names
from vjepa2_node.qos import EVENTS, LATCHED
from vjepa2_sim.own_address import own_address

WAIT = 60_000.0
"""Milliseconds for the page on a busy machine."""

SIZE = 128
"""Of the simulated camera's images, and of what the bundled model imagines [px]."""


@dataclass(frozen=True)
class Watched:
    """A stack that is recorded, and its page in a browser. url: with the token."""

    lab: Lab
    page: Page
    url: str
    runs: Path


@pytest.fixture(scope="module")
def watched(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    arguments = Arguments(
        robot_address=own_address(), record=str(folder / "runs"), dashboard=True, port=0
    )
    with (
        Stack(arguments, log_folder=folder / "log", domain=domain) as stack,
        browser() as chromium,
    ):
        found = re.search(r"open (http\S+)", (folder / "log" / "dashboard.log").read_text())
        assert found, "the dashboard has not said where it is"
        page = chromium.new_page()
        page.set_default_timeout(WAIT)
        graph = Graph()
        yield Watched(Lab(stack, graph, []), page, found[1], folder / "runs")
        graph.close()


def appears(page: Page, picture: str) -> None:
    """Wait until a picture has come and could be decoded."""
    expect(page.locator(f"#{picture}")).to_have_js_property("naturalWidth", SIZE, timeout=WAIT)


def test_a_task_is_seen_and_steered(watched: Watched) -> None:
    """Pictures, energies and landscape come; Pause, Resume and Stop act on the real nodes."""
    lab, page = watched.lab, watched.page
    status = lab.graph.collect(TaskStatus, names.TASK_STATUS, LATCHED)
    page.goto(watched.url)
    appears(page, "live")
    task = lab.start(lab.set_up(21), budget=40)
    expect(page.locator("#energy")).to_have_text(re.compile(r"0\.\d{4}"), timeout=WAIT)
    for picture in ("goal", "imagined"):
        appears(page, picture)
    coloured = "(id) => document.getElementById(id).getContext('2d').getImageData(0, 0, 280, 280)"
    for drawing in ("curve", "landscape"):
        assert page.evaluate(f"Array.from(({coloured})('{drawing}').data).some((x) => x > 0)")

    page.click("#pause")
    status.until(lambda m: m.state == TaskStatus.PAUSED)
    expect(page.locator("#state")).to_contain_text("PAUSED", timeout=WAIT)
    expect(page.locator("#answer")).to_contain_text("pause: OK")
    status.messages.clear()
    page.click("#resume")
    status.until(lambda m: m.state == TaskStatus.RUNNING)

    status.messages.clear()
    status.until(lambda m: m.steps_done)
    page.click("#stop")
    result = lab.graph.result(task)
    assert result.code.code == TaskCode.PURSUIT_FAILED
    assert result.outcome.detail in (MotionCode.STOPPED, MotionCode.REFUSED_MODE)
    expect(page.locator("#answer")).to_contain_text("stop: ")
    expect(page.locator("#state")).to_contain_text("IDLE", timeout=WAIT)
    expect(page.locator("#task")).to_contain_text("PURSUIT_FAILED")
    lab.graph.call(Recover, names.RECOVER, Recover.Request())
    lab.graph.collect(RobotMode, names.ROBOT_MODE, LATCHED).until(
        lambda m: m.mode == RobotMode.IDLE
    )


def test_the_run_replays_bit_for_bit(watched: Watched, tmp_path: Path) -> None:
    """Every plan of the recording above, from its own frames."""
    well = watched.lab.graph.collect(DiagnosticArray, "/diagnostics", EVENTS)
    well.until(lambda m: _values(m, "/recorder").get("recording") == "False")
    (run,) = watched.runs.iterdir()
    assert replay.main([str(run), "--json", str(tmp_path / "replay.json")]) == 0
    told = json.loads((tmp_path / "replay.json").read_text())
    assert told["identical"] == len(told["plans"]) >= 2
    assert len({plan["pursuit"] for plan in told["plans"]}) == 2  # before and after the pause
    # With another seed another plan comes out, so that identity is no accident.
    assert len({plan["seed"] for plan in told["plans"]}) == len(told["plans"])


def test_without_the_token_the_page_only_shows(watched: Watched) -> None:
    """Buttons are off, and a command by hand is refused."""
    page = watched.page
    page.goto("about:blank")
    page.goto(watched.url.partition("#")[0])
    appears(page, "live")
    for button in ("pause", "resume", "stop"):
        expect(page.locator(f"#{button}")).to_be_disabled()
    assert page.evaluate("fetch('command/stop', {method: 'POST'}).then((r) => r.status)") == 403


def test_other_web_sites_are_refused(watched: Watched) -> None:
    """A page of another origin can neither command nor read; a name led here is not served."""
    page = watched.page
    own = watched.url.partition("#")[0]
    with other_site() as elsewhere:
        page.goto(elsewhere)
        post = "fetch(url, {method: 'POST', mode: 'no-cors'})"
        ask = f"(url) => {post}.then(() => 'read', () => 'refused')"
        for path in ("command/stop", "events"):
            with page.expect_event("requestfailed") as failed:
                assert page.evaluate(ask, f"{own}{path}") == "refused"
            # The answer, a 403, says that it is for the page's own site only.
            assert failed.value.failure == "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin"
        read = "(url) => fetch(url).then(() => 'read', () => 'refused')"
        assert page.evaluate(read, f"{own}picture/live") == "refused"
    rebound = page.goto(own.replace("127.0.0.1", ELSEWHERE))
    assert rebound is not None
    assert rebound.status == 403


@contextmanager
def other_site() -> Iterator[str]:
    """A web site of another origin."""
    with HTTPServer(("127.0.0.1", 0), _EmptyPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Not of interest."""


def _values(message: Any, name: str) -> dict[str, str]:
    return {v.key: v.value for s in message.status if s.name == name for v in s.values}

"""The soak's judgement: growth of memory, pace and faults each break it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

MEBIBYTE = 2**20


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module; it is started in its own folder."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("soak")


def _figures(soak: Any, *, grown: float = 0.0, slow: float = 1.0, fault: str = "") -> Any:
    memory = soak.Memory()
    for second in range(0, 1000, 5):
        memory.seconds.append(float(second))
        warm = min(second / 300, 1.0)  # what comes before the caches are full does not count
        late = max(second - 300, 0) / 700
        size = round((50 + 50 * warm + 100 * grown * late) * MEBIBYTE)
        memory.resident.setdefault("planner", []).append(size)
        memory.resident.setdefault("bridge", []).append(100 * MEBIBYTE)
    periods = (1.0,) * 95 + (slow,) * 5
    return soak.figures([soak.Played("reach", 3, 0.0, periods, True, fault)], memory, 300.0)


def test_steady_memory_and_pace_pass(soak: Any) -> None:
    figures = _figures(soak)
    assert figures["passed"]
    assert figures["memory_growth"]["all"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("broken", [{"grown": 0.05}, {"slow": 2.5}, {"fault": "CAMERA_SILENT"}])
def test_each_limit_is_a_limit(soak: Any, broken: dict[str, Any]) -> None:
    assert not _figures(soak, **broken)["passed"]


def test_growth_is_of_each_process_and_of_all(soak: Any) -> None:
    growth = _figures(soak, grown=0.10)["memory_growth"]
    assert growth["bridge"] == 0.0
    assert growth["all"] == pytest.approx(growth["planner"] / 2, rel=0.1)


def test_the_page_names_what_was_measured(soak: Any, tmp_path: Path) -> None:
    report = importlib.import_module("soak_report")
    figures = _figures(soak, fault="the camera fell silent")
    figures |= {"minutes": 16.0, "date": "2030-01-01", "machine": "a machine"}
    page = report.as_markdown(figures)
    assert "1.00 times" in page and "reach, seed 3: the camera fell silent" in page
    report.plot(figures, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").stat().st_size > 1000

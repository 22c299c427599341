"""A calibration's figures as a table."""

from __future__ import annotations

from rich.table import Table

from vjepa2_planner.calibration import Solution, Verdict


def report_table(solution: Solution, verdict: Verdict) -> Table:
    """One row: the rotation, what it was solved from, how good it is, and the verdict."""
    table = Table("rotation", "pairs", "condition", "error before", "error after", "verdict")
    left_out = f" ({solution.left_out} left out)" if solution.left_out else ""
    table.add_row(
        f"{solution.angle_deg:+.2f}°",
        f"{solution.pairs}{left_out}",
        f"{solution.condition_number:.2f}",
        f"{100 * solution.error_before:.2f} cm",
        f"{100 * solution.error_after:.2f} cm",
        str(verdict),
    )
    return table

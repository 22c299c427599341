"""Planner, sequencer and calibrator nodes."""

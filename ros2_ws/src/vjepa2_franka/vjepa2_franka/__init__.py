"""Franka bridge: executes deltas within limits and publishes the arm's state."""

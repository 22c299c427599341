"""The simulated table: serves franky-sim, renders the camera, sets up trials."""

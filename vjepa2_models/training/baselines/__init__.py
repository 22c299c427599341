"""Training of the baselines: the pixel predictor, and the goal-conditioned policy."""

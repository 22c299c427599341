"""Training of the encoder (stage 1) and of the action-conditioned predictor (stage 2)."""

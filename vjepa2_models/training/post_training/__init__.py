"""Stage 2: the action-conditioned predictor (paper, section 3.1)."""

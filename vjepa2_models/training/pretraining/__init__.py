"""Stage 1: mask-denoising with an EMA teacher (paper, section 2)."""

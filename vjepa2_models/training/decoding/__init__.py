"""The frame decoder that shows what features hold (paper, B.3)."""

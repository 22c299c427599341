"""Clips to train on, from recordings or from features computed once."""

"""Numerical explanations: a step in detail, run diagnosis, hidden layers, image predictions."""

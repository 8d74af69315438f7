"""Explanations in numbers: one step written out, its graph, gauges, and what ails a run."""

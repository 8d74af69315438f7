"""Dialects: one file for each way to write a script; see `nn_core.exchange.programs`."""

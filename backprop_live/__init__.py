"""Backprop Live, installed: the console command, and in a wheel also the app that it starts."""

__version__ = "0.1.0"

"""Predictions and comparisons as text for a terminal, and as JSON."""

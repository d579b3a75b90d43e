"""Detect which zero of energy each row of a table has."""

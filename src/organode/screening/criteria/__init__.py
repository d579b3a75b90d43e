"""Decide which molecules are candidates: by potential, stability of the ion, and filters."""

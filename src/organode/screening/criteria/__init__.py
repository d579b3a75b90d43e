"""Decide which molecules are candidates: by potential, stability of the ion, and filters.

A candidate is a molecule that meets all criteria of a screening for electrode materials.
"""

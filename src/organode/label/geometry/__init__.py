"""Geometries: a first conformer by force field, relaxed by GFN2-xTB; their bonds."""

"""Geometries: a conformer by force field, its relaxation by GFN2-xTB, and a check of its bonds."""

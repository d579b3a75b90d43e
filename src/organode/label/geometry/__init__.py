"""Geometries of molecules: conformers by force field, relaxation by GFN2-xTB, check of bonds."""

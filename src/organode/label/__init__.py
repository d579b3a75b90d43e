"""Compute labels of molecules: ionization energy and electron affinity by xTB or B3LYP."""

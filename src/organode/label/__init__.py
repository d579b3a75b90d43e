"""Quantum-chemistry labels: ionization energy and electron affinity by xTB or B3LYP."""

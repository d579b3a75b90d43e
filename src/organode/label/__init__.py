"""Labels by quantum chemistry: ionization energy and electron affinity by xTB or B3LYP."""

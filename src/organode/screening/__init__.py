"""Screen a library of molecules for electrode materials: predict, select, rank and report."""

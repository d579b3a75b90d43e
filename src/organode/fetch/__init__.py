"""Sources of labelled molecules: the embedded set, a file, the Materials Project."""

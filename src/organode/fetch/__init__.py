"""Sources of labelled molecules: the project's own data set, a file, the Materials Project."""

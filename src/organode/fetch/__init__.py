"""Read labelled molecules from the project's data set, a file, or the Materials Project."""

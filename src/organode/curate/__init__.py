"""Clean a table of labelled molecules: merge repeated structures, and reject rows with a reason."""

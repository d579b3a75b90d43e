"""General tools for files, tables, arrays, error bars, progress and figures, without chemistry."""

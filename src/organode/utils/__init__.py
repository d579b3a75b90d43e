"""Files, tables, arrays, progress, figures: nothing of chemistry."""

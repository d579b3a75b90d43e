"""Score a library of any length: all rows if it is short, the most promising if it is long."""

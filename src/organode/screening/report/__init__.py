"""Output of a screening: report, tables of candidates, and summary."""

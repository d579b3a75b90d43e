"""What a screen leaves: report, tables, summary."""

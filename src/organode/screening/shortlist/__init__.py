"""Merge, rank, pair and verify the molecules that meet the criteria of a screening."""

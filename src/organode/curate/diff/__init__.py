"""Differences between two versions of a data table, such as those of two git revisions."""

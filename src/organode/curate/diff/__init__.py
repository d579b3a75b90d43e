"""Compare two versions of a data table, such as the versions of two git revisions."""

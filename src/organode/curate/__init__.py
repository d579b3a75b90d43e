"""Curation: one clean row for each structure of the fetched table; a reason for each rejection."""

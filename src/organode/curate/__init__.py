"""Curation: one clean row for each structure of the raw table, and a reason for each rejection."""

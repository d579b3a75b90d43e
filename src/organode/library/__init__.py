"""Molecules that people bring, of any number: read in chunks, built once, worked on in parallel.

Every command reads files by the same code: `stream` opens them, `formats` holds a reader for each
kind, `columns` says what a table's columns hold, `text` and `records` keep every row in its place.
"""

"""Users' files of molecules, of any length: read in chunks, built once, processed in parallel.

Every command reads files by the same code: `stream` opens them, `formats` holds a reader for each
kind, `columns` finds structures and names among a table's columns.
"""

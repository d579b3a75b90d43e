"""Libraries: users' files of molecules, of any length, read in chunks and processed in parallel.

Every command reads files by the same code: `stream` opens them, `formats` has a reader for each
file type, and `columns` finds structures and names among a table's columns. `build` parses the
files once and stores the result, a built library, which is then screened without parsing SMILES.
"""

"""Libraries: users' files of molecules, of any length, read in chunks and processed in parallel.

Every command reads files by the same modules: `stream` opens the files, `formats` has a reader for
each file type, and `columns` finds the columns of structures and names in a table. `build` parses
the files once and stores the result, a built library, which is then screened without parsing
SMILES again.
"""

"""Curation: from the raw table to one clean row a structure; every rejected row with its reason."""

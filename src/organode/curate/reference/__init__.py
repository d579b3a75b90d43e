"""Detect for each row of a table whether its energies are vs vacuum or vs Li/Li⁺."""

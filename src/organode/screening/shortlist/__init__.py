"""From the rows that meet the criteria to ranked candidates."""

"""Score a library of any length: every row of a short one, the most promising of a long one."""

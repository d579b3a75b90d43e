"""From a library of any length to the rows worth listing."""

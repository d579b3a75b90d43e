"""What a candidate has to meet."""

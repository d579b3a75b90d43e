"""Error bars and the applicability domain."""

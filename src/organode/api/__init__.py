"""What people ask a model for: load it by its name, predict a file, screen a library."""

"""Choose, label and join the molecules of the embedded data set."""

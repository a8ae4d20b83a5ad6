"""Who may see whom, and the log of it."""

"""rules judges: pure functions from a Case to one list and its discrepancies. No I/O, no clock, no log."""

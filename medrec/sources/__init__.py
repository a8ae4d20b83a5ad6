"""sources fetch bytes and hand them to intake. Nothing is parsed here."""

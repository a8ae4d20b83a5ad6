"""Lets the folders below find the small messages in `told`."""

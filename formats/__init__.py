"""formats hears: bytes in, statements out. Nothing of this house is imported here."""

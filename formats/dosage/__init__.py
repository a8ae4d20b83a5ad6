"""Norwegian dosing text to a dosage, and a dosage to Norwegian text."""

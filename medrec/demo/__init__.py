"""A synthetic municipality that speaks the real formats. Nothing here writes to tables: messages go through intake."""

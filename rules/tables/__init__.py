"""What the rules know by heart: dated rows, each with its source and who has signed it. Brand names live here only."""

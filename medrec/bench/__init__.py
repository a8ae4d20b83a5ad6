"""The speed of each step beside its floor, measured in the same run, told as ratios."""

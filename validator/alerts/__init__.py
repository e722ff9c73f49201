"""A decision, told to the team."""

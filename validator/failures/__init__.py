"""Evidence in, cause out: rules as data."""

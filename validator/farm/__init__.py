"""Which flow runs where and when."""

"""Ratios measured in one run: validator beside what a user would run instead."""

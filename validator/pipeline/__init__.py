"""The stages in their order, and the loop that folds them."""

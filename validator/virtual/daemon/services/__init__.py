"""The services that adbd offers, by the names with which the host opens them."""

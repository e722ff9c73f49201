"""Being a good guest in production: marks on our own traffic."""

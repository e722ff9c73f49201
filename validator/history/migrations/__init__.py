"""The steps by which a database becomes what the program needs. Each is frozen: it imports no table of today."""

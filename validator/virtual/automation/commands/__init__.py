"""The commands of the automation server, by what they are about."""

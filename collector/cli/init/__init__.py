"""``init``: from a system as it is to a first configuration."""

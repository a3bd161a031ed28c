"""The table of sources. A new source is one file here and one line in this table."""

"""Charts as SVG, for all forms of the report."""

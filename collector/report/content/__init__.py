"""What the document says, as blocks."""

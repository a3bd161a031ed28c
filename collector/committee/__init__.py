"""What the economy and the office keep for the committee's document: read, checked, summed."""

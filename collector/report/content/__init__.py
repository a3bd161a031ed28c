"""The content of the committee's document: a snapshot and the office's files turned into blocks."""

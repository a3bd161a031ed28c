"""The committee's document, made from a snapshot and from files that people keep."""

"""Deliver finished reports to a folder, by mail or to a web address, at most once each."""

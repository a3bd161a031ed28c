"""Finished documents to where they are read: a folder, a mailbox, a web address; never twice."""

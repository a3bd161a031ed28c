"""What the commands print in each language, to be read as a whole: sv.txt and en.txt."""

"""Who is let in, and who cannot keep others out."""

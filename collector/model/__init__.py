"""What the program talks about: records, columns, pages, periods, quantities and codes; pure."""

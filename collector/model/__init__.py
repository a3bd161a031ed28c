"""The data types of the program: records, columns, pages, periods, quantities and codes; pure."""

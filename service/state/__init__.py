"""What is kept: the store and its tables, tickets with their journals, backup and repair."""

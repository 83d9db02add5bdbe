"""One file a command; each wires what it needs and prints what came of it."""

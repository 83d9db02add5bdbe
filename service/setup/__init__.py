"""What the operator says: settings, secrets, connections, and where the policies lie."""

"""SERVES: what others ask over HTTP. Off unless `sla run --http` opens it."""

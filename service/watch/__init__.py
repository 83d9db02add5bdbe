"""How it stands: health, metrics, heartbeat, an examination on request."""

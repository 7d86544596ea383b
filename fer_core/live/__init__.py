"""One viewer's live stream: the session that reads it, and the observers that follow it."""

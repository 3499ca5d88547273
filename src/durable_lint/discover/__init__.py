"""What files there are, what they are called, and which of them are worth parsing."""

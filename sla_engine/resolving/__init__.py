"""From what people wrote to what the engine consumes: names looked up, nothing left to guess."""

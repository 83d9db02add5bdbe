"""How what is planned reaches a ticket once: intents, writing, reading back, holding back."""

"""Labels by people: which pairs to ask about, in which form, and what the answers say."""

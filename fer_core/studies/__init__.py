"""Studies: many recordings of many participants, read once, and the findings made from them."""

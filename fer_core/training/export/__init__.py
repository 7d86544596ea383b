"""From Keras to the graph that ships, and to other formats."""

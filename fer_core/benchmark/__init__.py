"""How fast it is on this machine: the frame path, each network, external packages beside them."""

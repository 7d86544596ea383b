"""How fast it is on this machine: the frame path, each network, outside packages beside them."""

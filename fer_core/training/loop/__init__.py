"""The training loop: epochs, checkpoints, what is made small, one training after the other."""

"""What stands between the dashboard and the network it is served on."""

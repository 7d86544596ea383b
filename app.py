"""Mien's entry: the menu, and the page that is chosen in it."""

from ui import navigation

navigation.run()

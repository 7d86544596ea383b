"""Drawn faces and composed scenes, whose truth is known."""

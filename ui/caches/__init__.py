"""All of the dashboard's caches, by what they keep. Pages compute nothing.

Where a function can raise, pages show the error's sentence.
"""

from ui.caches import answers, detectors, faces, measured, networks, studies

__all__ = ["answers", "detectors", "faces", "measured", "networks", "studies"]

"""Drawn videos: one or two faces that move, no two videos the same."""

from pathlib import Path

import av

from fer_core.synthetic.scenes import Placed, Scene, drawn_heads

FPS = 10


def write_faces(path: Path, seconds: float, *, seed: int = 0, faces: int = 1) -> Path:
    """Write faces that go from left to right, each at a height of its own."""

    def place(time_s: float) -> list[Placed]:
        return [
            Placed(face, 60 + 20 * seed % 90 + 25 * time_s, 70 + 100 * face, 90)
            for face in range(faces)
        ]

    scene = Scene(drawn_heads(faces), place, width=320, height=240)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"g": str(FPS), "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(round(seconds * FPS)):
            image = scene.frame(number / FPS).image
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
    return path

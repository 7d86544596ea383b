"""Small studies: drawn videos of a few seconds that are read in parts of one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fer_core.media import timeline
from fer_core.studies.catalogue import create_study
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from tests.studies.drawn import write_faces
from tests.tiny import write_tiny_folder

MakeStudy = Callable[..., Study]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where studies lie, with two tiny networks, and parts of a second; workers see it too."""
    models = tmp_path / "models"
    for seed, slug in enumerate(("tiny", "tiny_b")):
        write_tiny_folder(models, slug, seed=seed)
    monkeypatch.setenv("MIEN_MODELS", str(models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    monkeypatch.setattr(timeline, "PART_S", 1.0)
    monkeypatch.setattr(timeline, "LONGEST_PART_S", 2.0)
    monkeypatch.setattr(timeline, "_SHORTEST_PART_S", 0.2)
    return tmp_path


@pytest.fixture
def make_study(home: Path) -> MakeStudy:
    """Make a study of so many drawn videos of so many seconds."""

    def make(
        name: str = "drawn",
        *,
        videos: int = 1,
        seconds: float = 3.0,
        networks: tuple[str, ...] = ("tiny",),
        detector: str = "none",
        every: int = 1,
        readings: str = "",
    ) -> Study:
        settings = choose_settings(networks, detector=detector, every=every)
        study = create_study(name, settings, readings=readings)
        paths = [
            write_faces(home / f"p{number:02d}.mp4", seconds, seed=number)
            for number in range(1, videos + 1)
        ]
        added = study.add(paths)
        assert not [each.error for each in added if each.error]
        return study

    return make

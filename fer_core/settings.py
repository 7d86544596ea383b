"""What a person may set in the environment; nothing else reads it but for Streamlit's variables."""

import os
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_CHECKOUT = Path(__file__).resolve().parents[1]

MODELS = _CHECKOUT / "models"
"""The folder of shipped models; an installed package has none beside it."""


DATASET_FILE = (
    _CHECKOUT / "data"
    if (_CHECKOUT / "pyproject.toml").is_file()
    else platformdirs.user_data_path("mien")
) / "fer2013.npz"
"""Where `data import` writes: in the checkout, else in the user's data folder."""


def user_models() -> Path:
    """Where imported networks go where ``MIEN_MODELS`` names no second folder; may not exist."""
    return platformdirs.user_data_path("mien") / "models"


def _usual_models() -> tuple[Path, ...]:
    return (MODELS if MODELS.is_dir() else Path("models").absolute(),)


class Settings(BaseSettings):
    """One variable an attribute, its name in capitals after ``MIEN_``; an empty one is not set.

    Attributes:
        models: folders of models, separated as in ``PATH``. The first holds those that ship, the
            ledger and what was measured of them, the second imported ones. The checkout's, else
            ``models`` where the command was started; see `user_models` for the second.
        dataset: FER2013's compact file. `DATASET_FILE`.
        cache: where fetched files are kept. The user's cache folder.
        studies: where studies lie, a folder each. ``studies`` in the user's data folder.
        runs: where trainings of the queue lie, a folder each. ``runs`` in the user's data folder.
        videos: folder from which the page *Studies* may take videos, also where the dashboard
            serves other machines. None: any folder, on this machine alone.
        ice_servers: STUN and TURN servers, a JSON list as browsers take it. None.
        turn_secret: what short-lived credentials of the TURN server are made from. None.
    """

    model_config = SettingsConfigDict(env_prefix="MIEN_", env_ignore_empty=True, frozen=True)

    models: Annotated[tuple[Path, ...], NoDecode, Field(min_length=1)] = Field(
        default_factory=_usual_models
    )
    dataset: Path = DATASET_FILE
    cache: Path = Field(default_factory=lambda: platformdirs.user_cache_path("mien"))
    studies: Path = Field(default_factory=lambda: platformdirs.user_data_path("mien") / "studies")
    runs: Path = Field(default_factory=lambda: platformdirs.user_data_path("mien") / "runs")
    videos: Path | None = None
    ice_servers: str = ""
    turn_secret: SecretStr = SecretStr("")

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name for name in value.split(os.pathsep) if name) or _usual_models()

    @field_validator("models", "dataset", "cache", "studies", "runs", "videos")
    @classmethod
    def _at_home(cls, value: tuple[Path, ...] | Path | None) -> tuple[Path, ...] | Path | None:
        if value is None or isinstance(value, Path):
            return None if value is None else value.expanduser()
        return tuple(folder.expanduser() for folder in value)


def get_settings() -> Settings:
    """The settings as the environment is at this moment."""
    return Settings()

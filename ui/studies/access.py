"""Which folders of this machine videos may be taken from: there is no login."""

from pathlib import Path

from fer_core.errors import StudyError
from fer_core.settings import get_settings
from ui.access import serves_this_machine_only


def offers_folders() -> bool:
    """Whether videos may be taken from a folder of the machine that Mien runs on."""
    return serves_this_machine_only() or get_settings().videos is not None


def checked_folder(text: str) -> Path:
    """The folder or file that a person named.

    Raises:
        StudyError: there is none, or it is not one that may be taken from.
    """
    path = Path(text.strip().strip('"')).expanduser()
    root = get_settings().videos
    if root is not None:
        root = root.resolve()
        path = (root / path).resolve()
        if not path.is_relative_to(root):
            raise StudyError(
                "videos are not taken from there",
                where=text,
                expected=f"a folder in {root}",
                remedy="Name one in it, or upload the videos.",
            )
    elif not serves_this_machine_only():
        raise StudyError(
            "folders are not taken where the dashboard serves other machines",
            where=text,
            remedy="Upload the videos, or set MIEN_VIDEOS to the folder that they are in.",
        )
    if not path.exists():
        raise StudyError(
            "there is no such folder on the machine that Mien runs on",
            where=text,
            remedy="Copy its path from your file manager.",
        )
    return path

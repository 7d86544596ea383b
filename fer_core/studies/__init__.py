"""Studies: many recordings of many participants, read once, mended, and made into findings."""

from fer_core.studies.lead import Ended, run_study
from fer_core.studies.progress import (
    RecordingProgress,
    StudyProgress,
    pause,
    progress_of,
    retry,
)
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.settings import NetworkSettings, StudySettings, choose_settings
from fer_core.studies.sheet import Entry, read_sheet, set_sheet, sheet, sheet_csv
from fer_core.studies.store import (
    Added,
    Leader,
    Study,
    create_study,
    delete_study,
    list_studies,
    open_study,
    studies_folder,
)

__all__ = [
    "Added",
    "Ended",
    "Entry",
    "Leader",
    "NetworkSettings",
    "RecordingProgress",
    "Study",
    "StudyProgress",
    "StudyRecording",
    "StudySettings",
    "choose_settings",
    "create_study",
    "delete_study",
    "list_studies",
    "open_study",
    "pause",
    "progress_of",
    "read_sheet",
    "retry",
    "run_study",
    "set_sheet",
    "sheet",
    "sheet_csv",
    "studies_folder",
]

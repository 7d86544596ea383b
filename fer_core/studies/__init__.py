"""Studies: many recordings of many participants, read once, mended, and made into findings."""

from fer_core.studies.add_live import add_live
from fer_core.studies.annotate import annotate_recording, anonymise_recording
from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import (
    create_study,
    delete_study,
    list_studies,
    open_study,
    studies_folder,
)
from fer_core.studies.edits import (
    EDIT,
    Baseline,
    Edit,
    Event,
    Exclude,
    Ignore,
    Mending,
    Merge,
    Rename,
    Split,
    edit_of,
    edit_words,
)
from fer_core.studies.elan import export_elan, read_elan, write_elan
from fer_core.studies.export import Basis, Exported, basis_of, export_tables
from fer_core.studies.findings import shortcomings, statistics_tables, study_tables
from fer_core.studies.lead import Ended, run_study
from fer_core.studies.live import check_fits, live_settings
from fer_core.studies.markings import (
    Interval,
    Tiers,
    read_coding,
    read_edits,
    read_events,
    tier_coding,
    tier_edits,
)
from fer_core.studies.mend import EnteredEdit, edits_of, enter_edits, redo, undo
from fer_core.studies.mended import FaceSeen, MendedRecording
from fer_core.studies.progress import (
    RecordingProgress,
    StudyProgress,
    pause,
    progress_of,
    retry,
)
from fer_core.studies.receipt import (
    Receipt,
    Verdict,
    export_with_receipt,
    read_receipt,
    verify,
)
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.settings import NetworkSettings, StudySettings, choose_settings
from fer_core.studies.sheet import Entry, read_sheet, set_sheet, sheet, sheet_csv
from fer_core.studies.store import Added, Leader, Study

__all__ = [
    "EDIT",
    "Added",
    "Baseline",
    "Basis",
    "Edit",
    "Ended",
    "EnteredEdit",
    "Entry",
    "Event",
    "Exclude",
    "Exported",
    "FaceSeen",
    "Ignore",
    "Interval",
    "Leader",
    "MendedRecording",
    "Mending",
    "Merge",
    "NetworkSettings",
    "Receipt",
    "RecordingProgress",
    "Rename",
    "Split",
    "Study",
    "StudyProgress",
    "StudyRecording",
    "StudySettings",
    "Tiers",
    "Verdict",
    "add_live",
    "annotate_recording",
    "anonymise_recording",
    "assemble",
    "basis_of",
    "check_fits",
    "choose_settings",
    "create_study",
    "delete_study",
    "edit_of",
    "edit_words",
    "edits_of",
    "enter_edits",
    "export_elan",
    "export_tables",
    "export_with_receipt",
    "list_studies",
    "live_settings",
    "open_study",
    "pause",
    "progress_of",
    "read_coding",
    "read_edits",
    "read_elan",
    "read_events",
    "read_receipt",
    "read_sheet",
    "redo",
    "retry",
    "run_study",
    "set_sheet",
    "sheet",
    "sheet_csv",
    "shortcomings",
    "statistics_tables",
    "studies_folder",
    "study_tables",
    "tier_coding",
    "tier_edits",
    "undo",
    "verify",
    "write_elan",
]

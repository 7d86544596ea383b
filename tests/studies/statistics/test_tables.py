"""What a study's tables may hold, and the sentence about what they may not."""

import numpy as np
import pandas as pd
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import ContractError, StudyError
from fer_core.studies.statistics import StudyTables
from tests.studies.statistics.drawn import NAN, recording, study

HAPPY = Emotion.HAPPY
FRAMES = recording("r1", [HAPPY, None, HAPPY])
SHEET = pd.DataFrame(
    {
        "recording": ["r1"],
        "participant": ["P1"],
        "condition": ["A"],
        "start_s": [NAN],
        "end_s": [NAN],
        "onset_s": [NAN],
    }
)


def test_frames_with_and_without_faces_are_taken() -> None:
    tables = StudyTables(FRAMES, SHEET)
    assert len(tables.frames) == 3
    assert tables.baselines.empty


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"p_happy": 0.9}, "seven probabilities"),
        ({"p_happy": NAN}, "seven probabilities"),
        ({"p_happy": -0.1, "p_sad": 0.85}, "seven probabilities"),
        ({"track": pd.NA}, "seven probabilities"),
        ({"time_s": NAN}, "its time"),
        ({"step_s": -1.0}, "less than no time"),
        ({"participant": None}, "its words"),
        ({"participant": "P2"}, "the sheet does not have"),
    ],
)
def test_frames_that_break_the_contract(changes: dict[str, object], words: str) -> None:
    frames = FRAMES.copy()
    for column, value in changes.items():
        frames.loc[0, column] = value
    with pytest.raises(ContractError, match=words):
        StudyTables(frames, SHEET)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="p_fear"):
        StudyTables(FRAMES.drop(columns="p_fear"), SHEET)
    with pytest.raises(ContractError, match="onset_s"):
        StudyTables(FRAMES, SHEET.drop(columns="onset_s"))


def test_a_sheet_that_cannot_be_says_which_row() -> None:
    with pytest.raises(StudyError, match=r"ends before it starts.*received 5 to 2"):
        StudyTables(FRAMES, SHEET.assign(start_s=5.0, end_s=2.0))
    with pytest.raises(StudyError, match="row 1 has no condition"):
        StudyTables(FRAMES, SHEET.assign(condition=np.nan))
    with pytest.raises(StudyError, match="two rows for r1 · P1 · A"):
        StudyTables(FRAMES, pd.concat([SHEET, SHEET]))
    with pytest.raises(StudyError, match="baselines"):
        study(FRAMES, baselines={"r1": (3.0, 3.0)})

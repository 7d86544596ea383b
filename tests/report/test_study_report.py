"""The report of a study: one file that needs no other, and runs nothing that people wrote."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from fer_core.errors import StudyError
from fer_core.report import study_report
from fer_core.studies.catalogue import open_study
from fer_core.studies.results import find
from fer_core.studies.sheet import Entry, set_sheet, sheet
from fer_core.studies.statistics import sentence
from fer_core.studies.store import Study

pytestmark = pytest.mark.slow

HOSTILE = "</script><script>document.title='taken'</script>"


@pytest.fixture
def study(
    tiny_models: Path, planted_studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Study:
    """The drawn study, read by code as everything in it was planted."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    shutil.copytree(planted_studies, tmp_path / "studies")
    return open_study("drawn")


def body(html: str) -> str:
    return unescape(re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL))


def test_it_has_every_finding_and_asks_nobody(study: Study) -> None:
    html = study_report(study)
    told = body(html)
    results = find(study)
    for one in results.reported(results.comparisons):
        assert sentence(one) in told
    assert results.assumption in told
    for heading in (
        "How long each was shown",
        "What differs between the conditions",
        "Course around the onset",
        "Corrected by what the network takes for what",
        "Does the finding survive the network?",
        "How it was done",
        "What this does not say",
    ):
        assert f"<h2>{heading}</h2>" in told
    assert told.count("<figure") == 5
    assert told.count("no face, and in") >= 6  # the quality stands beside each figure
    assert study.recordings()[0].sha256[:16] in told
    assert "default-src 'none'" in html
    assert not re.search(r"<(link|img|iframe|script)[^>]+(src|href)=", html.lower())
    assert "felt" not in told.lower().replace("feels", "")


def test_words_of_people_stay_words(study: Study) -> None:
    changed = [
        Entry(e.recording, e.participant, HOSTILE if e.condition == "calm" else e.condition)
        for e in sheet(study)
    ]
    set_sheet(study, changed)
    html = study_report(study)
    assert HOSTILE not in html
    assert HOSTILE in body(html)  # it is there, escaped


def test_without_anything_read_there_is_a_sentence(study: Study) -> None:
    study.settings = study.settings.model_copy(update={"every": 2})
    with pytest.raises(StudyError, match="nothing is read yet"):
        study_report(study)

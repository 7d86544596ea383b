"""Studies are read as people name faces, and older ones go on as they were begun."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.summary import read_confusion
from fer_core.studies.engines.local import local_engine
from fer_core.studies.lead import run_study
from fer_core.studies.results import find, network_confusion
from fer_core.studies.settings import NetworkSettings, StudySettings, choose_settings
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.zoo import CARD_FILE, AnswersAs, load_classifier, read_card
from tests.studies.conftest import MakeStudy
from tests.tiny import write_tiny_folder
from tests.voters import COUNTS, write_voters_folder


def test_a_new_study_answers_as_voters(home: Path, make_study: MakeStudy) -> None:
    write_voters_folder(home / "models", "both")
    settings = choose_settings(("both", "tiny"), detector="none")
    assert [network.answers_as for network in settings.networks] == [
        *(AnswersAs.VOTERS, AnswersAs.LABELS),
    ]
    assert settings.networks[0].temperature == 0.6
    study = make_study(networks=("both",))
    run_study(study, local_engine(1))
    (part,) = sorted(study.folder.rglob("*.parquet"))[:1]
    assert part.stat().st_size > 0


def test_what_is_corrected_is_what_the_answers_confuse(home: Path) -> None:
    folder = write_voters_folder(home / "models", "both")
    (voters,) = choose_settings(("both",)).networks
    np.testing.assert_array_equal(network_confusion(voters), COUNTS)
    labels = NetworkSettings.of(read_card(folder))
    np.testing.assert_array_equal(network_confusion(labels), read_confusion(folder))
    without = read_card(folder).model_copy(update={"voters": None})
    (folder / CARD_FILE).write_text(without.to_json())
    with pytest.raises(ModelError, match="another network has that name"):
        network_confusion(voters)


def test_findings_say_by_whose_words_they_are_corrected(home: Path, make_study: MakeStudy) -> None:
    write_voters_folder(home / "models", "both")
    said = {}
    for slug in ("both", "tiny"):
        study = make_study(networks=(slug,), name=slug)
        run_study(study, local_engine(1))
        names = [recording.name for recording in study.recordings()]
        set_sheet(study, [Entry(name, name, "calm") for name in names])
        results = find(study)
        assert len(results.corrected) == 1
        said[slug] = results.assumption
    assert "PublicTest of FER2013, by the words of most of FER+’s voters" in said["both"]
    assert "PrivateTest of FER2013, by its labels" in said["tiny"]


def test_another_network_of_that_name_corrects_nothing_and_that_is_said(
    home: Path, make_study: MakeStudy
) -> None:
    study = make_study()
    run_study(study, local_engine(1))
    (recording,) = study.recordings()
    set_sheet(study, [Entry(recording.name, "A", "calm")])
    assert not find(study).notes
    shutil.rmtree(home / "models" / "tiny")
    write_tiny_folder(home / "models", "tiny", seed=9)
    results = find(study)
    assert results.corrected == ()
    assert "Shares are not corrected: tiny: another network has that name" in results.notes[0]


def test_a_study_of_labels_keeps_its_key_and_its_network(home: Path) -> None:
    folder = write_voters_folder(home / "models", "both")
    labels = NetworkSettings.of(read_card(folder))
    begun = choose_settings(("both",), detector="none")
    older = begun.model_copy(update={"networks": (labels,)})
    written = json.loads(older.model_dump_json())
    del written["networks"][0]["answers_as"]  # there was no other when it was written
    read = StudySettings.model_validate(written)
    assert read.readings_key == older.readings_key != begun.readings_key
    assert read.networks[0].reads_as(labels)
    network = load_classifier(folder, answers_as=read.networks[0].answers_as)
    assert network.card.answers_as == AnswersAs.LABELS

"""A live recording in a study: its rows count as read, and nothing pretends to have pictures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import MediaError, StudyError
from fer_core.live.recorder import READINGS_A_SECOND, Recorder
from fer_core.pipeline.recording import Network, Recording
from fer_core.studies.add_live import add_live
from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import create_study
from fer_core.studies.elan import export_elan
from fer_core.studies.engines.local import local_engine
from fer_core.studies.findings import shortcomings
from fer_core.studies.lead import Ended, run_study
from fer_core.studies.live import live_settings, what_is_missing
from fer_core.studies.progress import progress_of
from fer_core.studies.receipt import export_with_receipt, read_receipt
from fer_core.studies.results import find
from fer_core.studies.settings import choose_settings
from fer_core.studies.sheet import Entry, set_sheet, sheet
from fer_core.studies.store import Study
from fer_core.studies.tables import frames_table
from fer_core.studies.verify import verify
from fer_core.studies.views import picture_at
from tests.streamed import Clock, shares, stream_frame

FPS = 20


def recorded(emotion: Emotion = Emotion.HAPPY) -> Recording:
    """Two seconds of a face, one of nobody, with a marker at 1 s."""
    clock = Clock()
    recorder = Recorder(clock, lambda: "2026-11-26T14:00:00.000+01:00")
    recorder.start()
    for number in range(3 * FPS):
        rows = [shares(emotion)] if number < 2 * FPS else []
        recorder.on_frame(stream_frame(clock.now, *rows))
        if number == FPS:
            recorder.mark("joke")
        clock.now += 1 / FPS
    recorder.stop()
    assert recorder.recording is not None
    return recorder.recording


@pytest.fixture
def study(home: Path) -> Study:
    return create_study("live", live_settings(recorded()))


def test_it_is_read_at_once_and_goes_all_the_way(study: Study, tmp_path: Path) -> None:
    source = recorded()
    one = add_live(study, source, "P 1/calm")
    two = add_live(study, recorded(Emotion.SAD), "P1 sad")
    assert (one.name, one.is_live, one.recorded_at[:10]) == ("P_1_calm", True, "2026-11-26")
    now = progress_of(study)
    assert now.is_read
    assert [each.state for each in now.recordings] == ["read", "read"]
    assert run_study(study, local_engine(1)) == Ended(parts=0)
    mended = assemble(study, one)
    assert mended.track_ids == (1,)
    assert [event.label for event in mended.mending.events] == ["joke"]
    face = mended.has_face
    assert int(face.sum()) == len(source)
    np.testing.assert_array_equal(mended.readings.probabilities[0][face], source.raw)
    np.testing.assert_array_equal(mended.readings.boxes[face], source.found.boxes)  # type: ignore[union-attr]
    assert float(mended.readings.step_s.sum()) == pytest.approx(3.0, abs=1 / READINGS_A_SECOND)
    set_sheet(study, [Entry(one.name, "P1", "calm"), Entry(two.name, "P1", "sad")])
    figures = find(study).figures.set_index("condition")
    assert figures.loc["calm", "share_happy"] == pytest.approx(1.0)
    assert figures.loc["sad", "share_sad"] == pytest.approx(1.0)
    assert figures.loc["calm", "no_face"] == pytest.approx(1 / 3, abs=0.04)
    _, receipt = export_with_receipt(study, tmp_path / "tables", "parquet")
    verdict = verify(study, read_receipt(receipt), receipt.parent, read=True)
    assert (verdict.differences, verdict.parts) == ((), 2)
    export_elan(study, tmp_path / "elan")
    assert "MEDIA_DESCRIPTOR" not in (tmp_path / "elan" / "P_1_calm.eaf").read_text()


def test_there_is_nothing_to_be_looked_at_and_that_is_said(study: Study) -> None:
    one = add_live(study, recorded(), "P1")
    with pytest.raises(MediaError, match="has no pictures"):
        picture_at(assemble(study, one), study.index_of(one), 1.0)


def test_it_goes_with_the_recording(study: Study) -> None:
    one = add_live(study, recorded(), "P1")
    assert one.path.is_relative_to(study.folder)
    study.remove(one)
    assert not one.path.exists()


def test_twice_is_once(study: Study) -> None:
    add_live(study, recorded(), "P1")
    with pytest.raises(StudyError, match="the same as P1"):
        add_live(study, recorded(), "P2")
    assert [path.name for path in (study.folder / "videos").iterdir()] == ["P1.parquet"]


def test_a_network_that_did_not_read_it_says_nothing_and_that_is_said(home: Path) -> None:
    """Not a face without an expression, nor a time without a face: its figures leave it out."""
    both = choose_settings(("tiny_b", "tiny"), detector="haar")
    study = create_study("both", both)
    calm, sad = add_live(study, recorded(), "P1"), add_live(study, recorded(Emotion.SAD), "P2")
    assert progress_of(study).is_read
    mended = assemble(study, calm)
    assert mended.networks_read == (1,)
    assert np.isnan(mended.readings.probabilities[0]).all()
    np.testing.assert_array_equal(mended.readings.probabilities[1][mended.has_face], recorded().raw)
    assert mended.shown().networks[0].model == "tiny"  # lanes and timeline show who read it
    assert mended.track_ids == (1,)
    set_sheet(study, [Entry(calm.name, "P1", "calm"), Entry(sad.name, "P1", "sad")])
    figures = find(study).figures
    assert set(figures["network"]) == {"tiny"}
    assert figures.set_index("condition").loc["calm", "share_happy"] == pytest.approx(1.0)
    assert "P1: recorded live without tiny_b" in shortcomings(mended)[0]
    frames = frames_table(mended, sheet(study)).to_pandas()
    assert set(frames["model"]) == {"tiny"}
    assert what_is_missing(both, live_settings(recorded())).startswith("tiny_b did not read it")


@pytest.mark.slow
def test_a_study_of_other_networks_takes_it_and_says_what_is_needed(
    study: Study, tmp_path: Path
) -> None:
    one = add_live(study, recorded(), "P1")
    set_sheet(study, [Entry(one.name, "P1", "calm")])
    before = study.settings
    study.settings = choose_settings(("tiny_b",), detector="none")
    run_study(study, local_engine(1))
    (now,) = progress_of(study).recordings
    assert (now.state, now.errors) == ("read", ())
    assert assemble(study, one).networks_read == ()
    with pytest.raises(StudyError, match="recorded live without tiny_b, and no pictures"):
        find(study)
    export_with_receipt(study, tmp_path / "tables", "csv")
    words = what_is_missing(study.settings, before)
    assert "no figure has it until tiny is a network of the study too" in words
    assert "found by yunet, those of the study are by none" in words
    study.settings = choose_settings(("tiny_b", "tiny"), detector="none")
    run_study(study, local_engine(1))
    assert set(find(study).figures["network"]) == {"tiny"}
    assert what_is_missing(before, before) == ""


def test_a_recording_of_two_networks_goes_nowhere(home: Path) -> None:
    source = recorded()
    changed = replace(source, networks=(*source.networks, Network(1.0, "tiny_b", "yunet")))
    with pytest.raises(StudyError, match="without changing the network"):
        live_settings(changed)


def test_who_leads_takes_it_in(study: Study) -> None:
    with study.lead():
        add_live(study, recorded(), "P1")
        assert [each.state for each in progress_of(study).recordings] == ["waiting"]
    assert run_study(study, local_engine(1)) == Ended(parts=1)


def test_a_damaged_file_is_told(study: Study) -> None:
    one = add_live(study, recorded(), "P1")
    one.path.write_bytes(b"x" * one.bytes)
    study.settings = study.settings.model_copy(update={"every": 2})
    run_study(study, local_engine(1))
    assert "changed since it was added" in " ".join(progress_of(study).recordings[0].errors)

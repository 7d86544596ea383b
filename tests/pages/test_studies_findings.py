"""What came of a study, on its page: findings, agreement with a coder, files to take away."""

import io
import zipfile
from pathlib import Path

import pytest

from fer_core.emotions import Emotion
from fer_core.studies.assemble import assemble
from fer_core.studies.elan import write_elan
from fer_core.studies.example import HOLD_S, planted_expressions
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.store import Study
from tests.pages.studies import ran, small_study, studies_page, words
from tests.studies.written import write_readings
from tests.waiting import wait_for
from ui.studies.take_away import elan_zip, tables_zip


def test_what_is_read_leads_to_its_findings(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="queue")
    page = ran(page.button(key="studies_to_findings").click().run())
    assert page.query_params["section"] == "findings"
    assert "Six participants were read under calm and funny" in words(page)


def test_findings_are_in_sentences_charts_and_tables(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="findings")
    assert not page.error
    told = words(page)
    assert "Six participants were read under calm and funny" in told
    assert "cannot be said: with six participants" in told  # no test of six can find anything
    assert "under funny" in told
    assert "None of the two networks finds a difference" in told
    titles = [str(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert len(titles) == 4
    assert all("no face" in str(chart.proto.alt) for chart in page.get("plotly_chart"))
    assert "felt" not in told
    tables = [table.value for table in page.dataframe]
    means = tables[0]
    row = means[(means["condition"] == "funny") & (means["measure"] == "happy")].iloc[0]
    assert float(row["mean"].split()[0]) > 30
    assert {"without a face", "of the rest unsure", "95 % from", "to"} <= set(means)
    page.toggle(key="studies_smoothed_drawn").set_value(False)
    ran(page.run())
    assert not drawn_study.settings.smoothed


def test_findings_say_what_is_missing(home: Path) -> None:
    study = small_study(home)
    page = studies_page(study="two films", section="findings")
    assert "Fill in participant and condition" in words(page)
    set_sheet(study, [Entry("p1", "A", "calm")])
    write_readings(study, study.recording("p1"))
    page = studies_page(study="two films", section="findings")
    told = words(page)
    assert "One participant was read under calm" in told
    assert "not read to its end" in told
    assert "One condition only" in told
    assert "No onset in the sheet" in told
    assert "One network only" in told
    assert "p2 is not in the sheet" in told


def coded(study: Study) -> bytes:
    """What a person coded who saw exactly what was planted; happy is called "joy" there."""
    rows = ["file;start;end;label"]
    for recording in study.recordings():
        for number, emotion in enumerate(planted_expressions(int(recording.name[1:]))):
            word = "joy" if emotion == Emotion.HAPPY else emotion.label
            rows.append(f"{recording.name};{number * HOLD_S};{(number + 1) * HOLD_S};{word}")
    return "\n".join(rows).encode()


def test_agreement_with_a_coder_asks_what_strange_words_mean(drawn_study: Study) -> None:
    drawn_study.settings = drawn_study.settings.model_copy(update={"smoothed": False})
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("anna.csv", coded(drawn_study), "text/csv")).run())
    page.selectbox(key="studies_word_drawn_joy").set_value("happy").run()
    told = words(ran(page))
    assert "The two gave the same word in 9" in told  # frames do not end where words do
    assert "Cohen's kappa 0.9" in told
    assert "In these recordings 0% of the time had no face, and in 0% of the rest" in told
    page.selectbox(key="studies_word_drawn_joy").set_value("sad").run()
    assert "The two gave the same word in 9" not in words(ran(page))


def test_a_tier_of_elan_can_be_the_coder(drawn_study: Study) -> None:
    mended = assemble(drawn_study, drawn_study.recording("P1"))
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("P1.eaf", write_elan(mended), "text/xml")).run())
    tier = page.selectbox(key="studies_coded_tier_drawn")
    ran(tier.set_value(next(name for name in tier.options if name.startswith("face 1"))).run())
    assert "The two gave the same word in 100 %" in words(page)


def test_a_file_that_is_no_coding_gets_its_sentence(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("anna.csv", b"a,b\n1,2\n", "text/csv")).run())
    assert "no such table" in words(page)


def test_before_anything_is_read_there_is_nothing_to_take_away(home: Path) -> None:
    small_study(home)
    page = studies_page(study="two films", section="take_away")
    assert "Nothing is read yet" in words(page)
    assert not page.download_button


@pytest.mark.slow
def test_report_tables_and_videos_can_be_taken_away(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="take_away")
    assert [each.label for each in page.download_button] == [
        *("Report (HTML)", "Tables (ZIP)", "For ELAN (ZIP)")
    ]
    with zipfile.ZipFile(io.BytesIO(tables_zip("drawn", "parquet"))) as archive:
        assert {"frames.parquet", "participants.parquet", "receipt.json"} <= set(archive.namelist())
    with zipfile.ZipFile(io.BytesIO(elan_zip("drawn"))) as archive:
        assert archive.namelist() == [f"P{number}.eaf" for number in range(1, 7)]
    page.selectbox(key="studies_faces").set_value("drawn").run()
    ran(page.button(key="studies_video_write").click().run())
    (job,) = page.session_state["studies_video_jobs"].values()
    wait_for(lambda: job.line() and not job.running)
    page.run()
    assert not page.error
    assert [each.label for each in page.download_button][3:] == ["Video (MP4)"]
    (written,) = (drawn_study.folder / "exports").iterdir()
    assert written.name == "P1_drawn.mp4"

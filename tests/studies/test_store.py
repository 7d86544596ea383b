"""A study on disk: made, opened, filled, and removed; what a person reads when it cannot be."""

import io
import json
import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from fer_core.errors import StorageError, StudyError
from fer_core.studies.catalogue import create_study, delete_study, list_studies, open_study
from fer_core.studies.database import SCHEMA_VERSION, Database
from fer_core.studies.engines.local import local_engine
from fer_core.studies.lead import run_study
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.recordings import name_for
from fer_core.studies.schema import Base
from fer_core.studies.settings import StudySettings, choose_settings
from tests.studies.conftest import MakeStudy
from tests.studies.drawn import write_faces


def test_a_study_is_made_listed_and_opened_again(home: Path) -> None:
    assert list_studies() == ()
    settings = choose_settings(("tiny", "tiny_b"), detector="haar", every=2)
    made = create_study("Ads 2024", settings)
    assert list_studies() == ("Ads 2024",)
    again = open_study("Ads 2024")
    assert again.settings == settings == made.settings
    assert again.recordings() == ()


@pytest.mark.parametrize("name", ["", "a/b", "../up", ".hidden", "ends ", "x" * 61, "a\nb", "a:b"])
def test_a_name_that_is_no_folders_is_refused(home: Path, name: str) -> None:
    with pytest.raises(StudyError, match="cannot be called so"):
        create_study(name, choose_settings(("tiny",)))


def test_a_second_study_of_a_name_and_one_that_is_not_there(home: Path) -> None:
    create_study("one", choose_settings(("tiny",)))
    with pytest.raises(StudyError, match="already"):
        create_study("one", choose_settings(("tiny",)))
    with pytest.raises(StudyError, match=r"no such study .*expected one.*received other"):
        open_study("other")


def test_settings_that_cannot_be(home: Path) -> None:
    with pytest.raises(StudyError, match="each model once"):
        choose_settings(("tiny", "tiny"))
    with pytest.raises(StudyError, match="every 0"):
        choose_settings(("tiny",), every=0)


def test_only_what_changes_readings_changes_their_key(home: Path) -> None:
    settings = choose_settings(("tiny",), detector="none")
    assert choose_settings(("tiny",), detector="none").readings_key == settings.readings_key
    threshold = settings.networks[0].model_copy(update={"unsure_threshold": 0.9})
    shown = settings.model_copy(update={"networks": (threshold,), "smoothed": False})
    assert shown.readings_key == settings.readings_key
    # Of a study that was made before cards said what an answer is worth.
    old = json.loads(settings.model_dump_json())
    del old["networks"][0]["set_threshold"], old["networks"][0]["expected_right"]
    assert StudySettings.model_validate(old).readings_key == settings.readings_key
    knows = settings.networks[0].model_copy(update={"set_threshold": 0.1})
    assert knows.reads_as(settings.networks[0])
    worth = settings.model_copy(update={"networks": (knows,)})
    assert worth.readings_key == settings.readings_key
    others = [
        choose_settings(("tiny_b",), detector="none"),
        choose_settings(("tiny", "tiny_b"), detector="none"),
        choose_settings(("tiny",), detector="haar"),
        choose_settings(("tiny",), detector="none", every=2),
    ]
    assert len({settings.readings_key, *(each.readings_key for each in others)}) == 5


def test_files_and_folders_are_added_and_bad_ones_get_a_sentence(home: Path) -> None:
    study = create_study("one", choose_settings(("tiny",)))
    folder = home / "films" / "day 2"
    folder.mkdir(parents=True)
    write_faces(folder / "b.mp4", 1.2, seed=1)
    write_faces(home / "films" / "a.mp4", 2.5, seed=2)
    (folder / "notes.txt").write_text("no video")
    (folder / ".hidden.mp4").write_text("no video")
    (home / "films" / "broken.mp4").write_text("no video")
    added = study.add([home / "films", home / "gone.mp4"])
    assert [each.path.name for each in added] == ["a.mp4", "broken.mp4", "b.mp4", "gone.mp4"]
    assert [bool(each.error) for each in added] == [False, True, False, True]
    assert "not a video" in added[1].error
    assert "gone.mp4" in added[3].error
    a, b = study.recordings()
    assert (a.name, b.name) == ("a", "b")
    assert a.seconds == pytest.approx(2.5)
    assert (a.parts, a.frames) == (3, 25)
    assert [part.number for part in study.index_of(a).parts] == [0, 1, 2]
    (again,) = study.add([folder / "b.mp4"])
    assert "already" in again.error
    assert "same as b" in again.error


def test_two_files_of_one_name_can_be_told_apart(home: Path) -> None:
    study = create_study("one", choose_settings(("tiny",)))
    for number in (1, 2):
        (home / str(number)).mkdir()
        write_faces(home / str(number) / "IMG 1.mp4", 1.0, seed=number)
    study.add([home / "1", home / "2"])
    assert [each.name for each in study.recordings()] == ["IMG_1", "IMG_1_2"]


def test_names_are_fit_for_folders() -> None:
    assert name_for(Path("p01 (final).mp4"), ()) == "p01_final"
    assert name_for(Path("Ünï.mp4"), ()) == "Ünï"
    assert name_for(Path("..mp4"), ()) == "recording"
    assert name_for(Path("a.mp4"), ("A",)) == "a_2"
    assert len(name_for(Path("x" * 300 + ".mp4"), ())) == 60


def test_uploads_are_taken_in_and_go_with_the_recording(home: Path) -> None:
    study = create_study("one", choose_settings(("tiny",)))
    content = write_faces(home / "a.mp4", 1.0).read_bytes()
    added = study.add_upload("../../evil name.mp4", io.BytesIO(content))
    assert added.recording is not None
    assert added.recording.copied
    own = added.recording.path
    assert own.parent == study.folder / "videos"
    assert own.read_bytes() == content
    bad = study.add_upload("bad.mp4", io.BytesIO(b"no video"))
    assert "not a video" in bad.error
    assert list((study.folder / "videos").iterdir()) == [own]
    study.remove(added.recording)
    assert not own.exists()
    assert study.recordings() == ()


def test_what_is_copied_in_does_not_need_its_source(home: Path) -> None:
    study = create_study("one", choose_settings(("tiny",), detector="none"))
    source = write_faces(home / "a.mp4", 1.0)
    study.add([source], copy=True)
    source.unlink()
    assert run_study(study, local_engine(1)).sentence == ""


def test_deleting_leaves_videos_that_lie_elsewhere(make_study: MakeStudy, home: Path) -> None:
    study = make_study(seconds=1.0)
    run_study(study, local_engine(1))
    assert list((study.folder / "readings").rglob("*.parquet"))
    delete_study(study.name)
    assert not study.folder.exists()
    assert (home / "p01.mp4").exists()
    assert list_studies() == ()


def test_readings_elsewhere_are_deleted_without_what_lies_beside_them(
    make_study: MakeStudy, home: Path
) -> None:
    shared = home / "shared"
    shared.mkdir()
    (shared / "others.txt").write_text("not ours")
    study = make_study(seconds=1.0, readings=f"file://{shared}")
    run_study(study, local_engine(1))
    assert len(list(shared.rglob("*.parquet"))) == study.recordings()[0].parts
    delete_study(study.name)
    assert [path.name for path in shared.rglob("*")] == ["others.txt"]


def test_readings_cannot_be_kept_at_what_is_no_address(home: Path) -> None:
    with pytest.raises(StorageError, match="cannot be kept there"):
        create_study("one", choose_settings(("tiny",)), readings="nothing://x")
    assert list_studies() == ()


def test_a_place_has_its_files_whole_or_not_at_all(home: Path) -> None:
    place = ReadingsPlace(str(home / "readings"))
    assert place.read("a/b.parquet") is None
    assert place.names("a") == []
    place.write("a/b.parquet", b"one")
    place.write("a/b.parquet", b"two")
    assert place.read("a/b.parquet") == b"two"
    assert place.names("a") == ["b.parquet"]
    (home / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        ReadingsPlace(str(home / "file")).write("a/b.parquet", b"one")


def _lead(folder: str, leads: "multiprocessing.synchronize.Event") -> None:
    from fer_core.studies.store import Study

    with Study(Path(folder)).lead():
        leads.set()
        multiprocessing.Event().wait(60)


def test_one_leads_and_a_dead_leader_is_none(make_study: MakeStudy) -> None:
    study = make_study(seconds=1.0)
    assert study.leader() is None
    context = multiprocessing.get_context("spawn")
    leads = context.Event()
    process = context.Process(target=_lead, args=(str(study.folder), leads), daemon=True)
    process.start()
    assert leads.wait(60)
    leader = study.leader()
    assert leader is not None
    assert leader.pid == process.pid
    with pytest.raises(StudyError, match=f"another process .*process {process.pid} on"):
        run_study(study, local_engine(1))
    with pytest.raises(StudyError, match="another process"):
        delete_study(study.name)
    process.kill()
    process.join()
    # Its words are still there; its lock is not.
    assert json.loads((study.folder / "lead.json").read_text())["pid"] == process.pid
    assert study.leader() is None
    assert run_study(study, local_engine(1)).sentence == ""


def test_a_database_that_is_damaged_or_newer_gets_a_sentence(make_study: MakeStudy) -> None:
    study = make_study(seconds=1.0)
    database = study.folder / "study.db"
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StudyError, match=r"newer version .*Install the newest"):
        open_study(study.name)
    database.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StudyError, match="damaged"):
        open_study(study.name)
    delete_study(study.name)  # it can be removed all the same
    assert not study.folder.exists()


def test_a_writer_who_takes_too_long_gets_a_sentence(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_core.studies.database._PATIENCE_MS", 50)
    study = make_study(seconds=1.0)
    with sqlite3.connect(study.folder / "study.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(study.recordings()) == 1  # who looks does not wait
        with pytest.raises(StudyError, match="being written by another program"):
            study.prioritise(study.recordings()[0], 1)
        other.execute("ROLLBACK")
    other.close()
    study.prioritise(study.recordings()[0], 1)
    assert study.recordings()[0].priority == 1


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    Database(tmp_path / "migrated.db")
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    Base.metadata.create_all(plain)
    migrated = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")

    def tables(engine) -> dict:  # type: ignore[no-untyped-def, type-arg]
        looked = inspect(engine)
        return {
            name: {
                (column["name"], str(column["type"]), column["nullable"], column["primary_key"])
                for column in looked.get_columns(name)
            }
            for name in looked.get_table_names()
        }

    assert tables(migrated) == tables(plain)
    with sqlite3.connect(tmp_path / "migrated.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_study_may_be_moved(make_study: MakeStudy, home: Path) -> None:
    study = make_study(seconds=1.0)
    run_study(study, local_engine(1))
    shutil.move(study.folder, home / "studies" / "moved")
    moved = open_study("moved")
    assert run_study(moved, local_engine(1)).parts == 0  # nothing is read again


def test_a_file_whose_name_is_no_text_gets_a_sentence(home: Path) -> None:
    study = create_study("one", choose_settings(("tiny",)))
    odd = home / "b\udcff.mp4"
    write_faces(home / "a.mp4", 1.0).rename(odd)
    (added,) = study.add([odd])
    assert added.recording is None
    assert "is no text" in added.error
    assert "Rename it" in added.error

"""Whether what a receipt tells of still gives the same tables."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from fer_core import __version__
from fer_core.errors import MienError
from fer_core.studies.export import basis_of, export_tables
from fer_core.studies.parts import PartReader
from fer_core.studies.receipt import FileDigest, Receipt, digest_of, made_with
from fer_core.studies.recordings import StudyRecording, fault_of
from fer_core.studies.settings import NetworkSettings
from fer_core.studies.store import Study
from fer_core.studies.tasks import part_file, part_task
from fer_core.zoo import check_folder, find_folder, models_roots


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a receipt's tables come out again.

    Attributes:
        differences: a sentence each; () where everything is as it was.
        notes: what has changed that may be why, or of which nothing depends.
        tables, parts: how many were made anew and compared.
    """

    differences: tuple[str, ...]
    notes: tuple[str, ...]
    tables: int
    parts: int


def verify(
    study: Study,
    receipt: Receipt,
    folder: Path,
    *,
    read: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Verdict:
    """Make a receipt's tables anew, with its own settings, sheet and edits, and say what differs.

    Args:
        study: whose receipt it is; nothing of it is changed.
        receipt: of it.
        folder: where the receipt's tables lie.
        read: also read every part of every video anew, which takes as long as it did.
        tell: told what is being looked at.
    """
    tell = tell or (lambda words: None)
    tell("networks and videos")
    here = {each.name: each for each in study.recordings()}
    differences = [*_networks(receipt), *_videos(receipt, here), *_parts(study, receipt, here)]
    parts = 0
    if read:
        for sentence in _read_anew(study, receipt, here, tell):
            parts += 1
            differences += [sentence] if sentence else []
    tables = 0
    try:
        with tempfile.TemporaryDirectory() as place:
            export_tables(study, Path(place), receipt.format, basis=receipt.basis, tell=tell)
            for name, digest in receipt.tables.items():
                tables += 1
                differences += _table(folder / name, Path(place) / name, digest)
    except MienError as error:
        differences.append(f"The tables cannot be made anew: {error}")
    return Verdict(tuple(differences), tuple(_notes(study, receipt)), tables, parts)


def _networks(receipt: Receipt) -> Iterator[str]:
    for wanted in receipt.basis.settings.networks:
        try:
            folder = find_folder(wanted.slug, *models_roots())
            found = NetworkSettings.of(check_folder(folder).answering_as(wanted.answers_as))
        except MienError as error:
            yield f"The network {wanted.slug} is not what it was: {error}"
            continue
        if not found.reads_as(wanted):
            yield (
                f"The network {wanted.slug} is another one: SHA-256 {found.graph_sha256[:12]}…, "
                f"and it was {wanted.graph_sha256[:12]}…."
            )


def _videos(receipt: Receipt, here: Mapping[str, StudyRecording]) -> Iterator[str]:
    for wanted in receipt.recordings:
        recording = here.get(wanted.name)
        if recording is None or recording.sha256 != wanted.sha256:
            yield f"{wanted.name} ({wanted.file}) is not in the study any more."
        elif fault := fault_of(recording, thoroughly=True):
            yield f"{wanted.name}: {fault}"


def _parts(study: Study, receipt: Receipt, here: Mapping[str, StudyRecording]) -> Iterator[str]:
    """What was read lies where it lay, to the bit."""
    place = study.place
    for wanted in receipt.recordings:
        if wanted.name not in here:
            continue
        for number, sha256 in wanted.parts.items():
            file = part_file(receipt.basis.settings.readings_key, wanted.name, number)
            content = place.read(file)
            if content is None:
                yield f"{wanted.name}, part {number}: what was read is gone."
            elif hashlib.sha256(content).hexdigest() != sha256:
                yield f"{wanted.name}, part {number}: what was read is not what it was."


def _read_anew(
    study: Study,
    receipt: Receipt,
    here: Mapping[str, StudyRecording],
    tell: Callable[[str], None],
) -> Iterator[str]:
    """For each part, what differs when it is read again; "" where nothing does."""
    reader = PartReader()
    try:
        for wanted in receipt.recordings:
            recording = here.get(wanted.name)
            if recording is None or recording.sha256 != wanted.sha256:
                continue
            index = study.index_of(recording)
            for number, sha256 in wanted.parts.items():
                tell(f"{wanted.name}, part {number} of {wanted.parts_of}")
                task = part_task(recording, index, number, receipt.basis.settings, study.place)
                try:
                    content = reader.read(task)[0]
                except MienError as error:
                    yield f"{wanted.name}, part {number}: it cannot be read anew: {error}"
                    continue
                same = hashlib.sha256(content).hexdigest() == sha256
                yield "" if same else f"{wanted.name}, part {number}: read anew, it is another one."
    finally:
        reader.close()


def _table(old: Path, new: Path, digest: FileDigest) -> list[str]:
    """What differs between a table as it was taken away and as it was made anew."""
    is_old = old.is_file() and digest_of(old) == digest
    found = []
    if old.is_file() and not is_old:
        found.append(f"{old.name} is not what it was when the receipt was written.")
    if digest_of(new) != digest:
        where = f": {_first_difference(old, new)}" if is_old else ""
        found.append(f"{new.name} comes out otherwise{where}.")
    return found


def _first_difference(old: Path, new: Path) -> str:
    before, after = _load(old), _load(new)
    if before.schema != after.schema:
        return "it has other columns"
    if len(before) != len(after):
        return f"it has {len(after)} rows, and had {len(before)}"
    for name in before.column_names:
        pairs = zip(before[name].to_pylist(), after[name].to_pylist(), strict=True)
        for row, (was, is_now) in enumerate(pairs, start=1):
            if was != is_now:
                return f"{name} in row {row} is {is_now}, and was {was}"
    return "its bytes differ, and its cells do not"


def _load(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pa_csv.read_csv(path)


def _notes(study: Study, receipt: Receipt) -> Iterator[str]:
    """What has changed since, and may be why."""
    if receipt.version != __version__:
        yield f"The tables were made by version {receipt.version}, and this is {__version__}."
    was, is_now = receipt.made_with, made_with()
    changed = [
        f"{name} {was[name]}, now {is_now.get(name, 'none')}"
        for name in was
        if was[name] != is_now.get(name)
    ]
    if changed:
        yield f"They were made with {'; '.join(changed)}."
    basis = basis_of(study)
    for words, mine, theirs in (
        ("settings", basis.settings, receipt.basis.settings),
        ("sheet", basis.entries, receipt.basis.entries),
        ("edits", basis.edits, receipt.basis.edits),
    ):
        if mine != theirs:
            yield f"The study's {words} have changed since; the receipt's own were used."

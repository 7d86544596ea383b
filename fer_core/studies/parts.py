"""One part of one recording, read by whoever is asked: a worker of this machine or of a cluster.

A `PartReader` answers tasks and writes the readings to their place. Nothing of the study's database
is known here.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import cv2

from fer_core.errors import DetectorError, MediaError, MienError, ModelError, StorageError
from fer_core.faces import Detector, fallback_reason, make_detector
from fer_core.media.files import display_name
from fer_core.media.videos import VideoIndex, VideoReader
from fer_core.pipeline.parts import FrameReader, read_part, wants_small_faces
from fer_core.pipeline.readings import Readings, to_parquet
from fer_core.studies.kept import KeptFaces, beside, in_order, kept_readings
from fer_core.studies.live import read_live
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.recordings import LIVE_SUFFIX
from fer_core.studies.settings import NetworkSettings
from fer_core.studies.tasks import Blame, PartAnswer, PartTask, about_part
from fer_core.zoo import Classifier, find_folder, load_classifier, models_roots


class PartReader:
    """Reads parts one after the other, and keeps open what the next one may need. For one thread.

    Network, detector and video stay open: of the next part of the same video, nothing that was
    decoded on the way is decoded again.
    """

    def __init__(self) -> None:
        """Open nothing yet."""
        self._classifiers: dict[str, tuple[NetworkSettings, Classifier]] = {}
        self._detectors: dict[tuple[str, bool], Detector] = {}
        self._video: VideoReader | None = None
        self._places: dict[str, ReadingsPlace] = {}

    def answer(self, task: PartTask) -> PartAnswer:
        """Read a part and write its readings; never raises for what is in a file."""
        start = perf_counter()
        try:
            content, frames, damaged = self.read(task)
            self._place(task.place).write(task.file, content)
        except MienError as error:
            return PartAnswer(
                recording=task.recording, number=task.number, error=str(error), blame=_blame(error)
            )
        except Exception as error:  # a bug of ours or of a library: hours of other parts go on
            sentence = MediaError(
                "reading this part failed",
                where=f"{task.recording}, part {task.number}",
                received=f"{type(error).__name__}: {error}"[:300],
                remedy="Please report it; the other parts are not hurt.",
            )
            return PartAnswer(
                recording=task.recording, number=task.number, error=str(sentence), blame="bug"
            )
        return PartAnswer(
            recording=task.recording,
            number=task.number,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
            frames=frames,
            damaged=damaged,
            took_s=perf_counter() - start,
        )

    def read(self, task: PartTask) -> tuple[bytes, int, int]:
        """A part's readings as Parquet: the same bytes for the same task, wherever it is read.

        Returns:
            The bytes, how many frames were decoded, and how many not as they should.

        Raises:
            MediaError: the video is not there any more, is another one, or cannot be decoded.
            ModelError: a network is missing, or another one than was chosen.
            DetectorError: the detector cannot be opened.
        """
        path = self._checked(task)
        about = about_part(task.settings, task.sha256, task.number)
        if path.suffix == LIVE_SUFFIX:
            live = read_live(path, task.settings)
            return to_parquet(live.to_table(about)), live.frames_read, 0
        kept = kept_readings(task.kept, self._place(task.place)) if task.kept else None
        if kept is not None and set(kept.networks) == set(task.settings.slugs):
            readings, counted = in_order(kept, task.settings.slugs), task.kept[0]
            return to_parquet(readings.to_table(about)), counted.frames, counted.damaged
        video = self._opened(path, task)
        frames, damaged = video.frames, video.damaged
        found = self._further(video, task, kept) if kept is not None else None
        if found is None:
            frames, damaged = video.frames, video.damaged
            found = self._read(video, task, task.settings.networks)
        content = to_parquet(found.to_table(about))
        return content, video.frames - frames, video.damaged - damaged

    def _read(
        self,
        video: VideoReader,
        task: PartTask,
        networks: Sequence[NetworkSettings],
        detector: Detector | None = None,
    ) -> Readings:
        if detector is None:
            detector = self._detector(task.settings.detector, wants_small_faces(task.index))
        reader = FrameReader(detector, tuple(map(self._classifier, networks)))
        with _one_thread():
            return read_part(video, task.index.parts[0], reader, every=task.settings.every)

    def _further(self, video: VideoReader, task: PartTask, kept: Readings) -> Readings | None:
        """A part's readings where only further networks have to read it.

        None where it has to be read anew, as where these frames are not those of before.
        """
        further = [each for each in task.settings.networks if each.slug not in kept.networks]
        # In a frame that was scaled down, a box cannot be had to the bit from what was kept.
        faces = KeptFaces(kept, task.settings.detector) if task.index.scale == 1.0 else None
        found = self._read(video, task, further, faces)
        whole = beside(kept, found, found.networks)
        return None if whole is None else in_order(whole, task.settings.slugs)

    def _checked(self, task: PartTask) -> Path:
        path = Path(task.path)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise MediaError(
                "the video is not there any more",
                where=task.path,
                received=error.strerror or type(error).__name__,
                remedy="Bring it back to its place, on each machine that reads.",
            ) from error
        if size != task.bytes:
            raise MediaError(
                "this is another file than was added",
                where=display_name(path.name),
                expected=f"{task.bytes:,} bytes",
                received=f"{size:,} bytes",
                remedy="Bring the old one back, or remove the recording and add this one.",
            )
        return path

    def _opened(self, path: Path, task: PartTask) -> VideoReader:
        if self._video is None or self._video.path != path or not _same(self._video, task.index):
            self.close()
            self._video = VideoReader(path, task.index)
        return self._video

    def _classifier(self, wanted: NetworkSettings) -> Classifier:
        kept = self._classifiers.get(wanted.slug)
        if kept is not None and kept[0].reads_as(wanted):
            return kept[1]
        # One thread: workers share the machine, and the answer may depend on the number.
        folder = find_folder(wanted.slug, *models_roots())
        classifier = load_classifier(folder, threads=1, answers_as=wanted.answers_as)
        found = NetworkSettings.of(classifier.card)
        if not found.reads_as(wanted):
            raise ModelError(
                "this is another network than the study was begun with",
                where=wanted.slug,
                expected=f"SHA-256 {wanted.graph_sha256[:12]}… at temperature {wanted.temperature}",
                received=f"SHA-256 {found.graph_sha256[:12]}… at {found.temperature}",
                remedy="Bring the old one back, or choose the network again: all is read anew.",
            )
        self._classifiers[wanted.slug] = wanted, classifier
        return classifier

    def _detector(self, name: str, small_faces: bool) -> Detector:
        key = name, small_faces
        if key not in self._detectors:
            detector = make_detector(name, photos=small_faces, download=True)
            if reason := fallback_reason(name, detector):
                raise DetectorError(
                    "the face detector cannot be opened",
                    where=name,
                    received=reason.rstrip("."),
                    remedy="Connect to the internet once, or choose haar.",
                )
            self._detectors[key] = detector
        return self._detectors[key]

    def _place(self, address: str) -> ReadingsPlace:
        if address not in self._places:
            self._places[address] = ReadingsPlace(address)
        return self._places[address]

    def close(self) -> None:
        """Close the video that is open."""
        if self._video is not None:
            self._video.close()
            self._video = None


@contextmanager
def _one_thread() -> Iterator[None]:
    """In each process of each machine alike: what Haar's cascade finds depends on the number."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _same(video: VideoReader, index: VideoIndex) -> bool:
    """Whether two indices are of the same file, whichever of its parts they have."""
    return (video.index.frames, video.index.shifts) == (index.frames, index.shifts)


def _blame(error: MienError) -> Blame:
    if isinstance(error, ModelError | DetectorError):
        return "settings"
    return "place" if isinstance(error, StorageError) else "video"

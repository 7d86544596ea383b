"""One error tree. Pages and commands catch `MienError`; anything else is a bug of ours.

MienError
├── ContractError    a value has the wrong shape, type or range (a programming mistake)
├── StorageError     a file or folder that cannot be written, or is not read for its kind or size
├── MediaError       an image or video that cannot be read, or is refused
├── DetectorError    a face detector that cannot be loaded
├── ModelError       a model folder that is missing, damaged or not what its card says
├── DatasetError     a data set that is missing, damaged or not what it should be
├── StudyError       a study, or what a person asked of it or filled in, that cannot be so
└── TrainingError    a training that cannot start or go on
"""


class MienError(Exception):
    """What went wrong, where, what was expected, what came, and what to do about it.

    Every part but ``what`` may be empty; ``str(error)`` joins those that are there into sentences
    that a person can read.
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = "",
        expected: object = "",
        received: object = "",
        remedy: str = "",
    ) -> None:
        self.what = what
        self.where = str(where)
        self.expected = str(expected)
        self.received = str(received)
        self.remedy = remedy
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        details = [
            f"{word} {value}"
            for word, value in (("expected", self.expected), ("received", self.received))
            if value
        ]
        sentence = f"{head} ({', '.join(details)})." if details else f"{head}."
        return f"{sentence} {self.remedy}".strip()


class ContractError(MienError):
    """A value has the wrong shape, type or range."""


class StorageError(MienError):
    """A file or folder cannot be written, or is not read for its kind or size."""


class MediaError(MienError):
    """An image or video cannot be read, or is refused."""


class DetectorError(MienError):
    """A face detector cannot be loaded."""


class ModelError(MienError):
    """A model folder is missing, damaged or not what its card says."""


class DatasetError(MienError):
    """A data set is missing, damaged or not what it should be."""


class StudyError(MienError):
    """A study, or what a person asked of it or filled in, cannot be so."""


class TrainingError(MienError):
    """A training cannot start or go on."""


def in_one_line(error: BaseException) -> str:
    """What an error of a library says, for ``received``: its first line, 200 characters at most.

    Its type's name where it says nothing.
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

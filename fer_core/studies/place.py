"""Where a study's readings lie: a folder of this machine, or one that several machines reach."""

from pathlib import Path

from pyarrow import fs

from fer_core.errors import StorageError, in_one_line
from fer_core.storage.atomic import write_bytes


class ReadingsPlace:
    """Files by name in a folder, a bucket or the like; each is there whole or not at all."""

    def __init__(self, address: str) -> None:
        """Name it; nothing is made before something is written.

        Args:
            address: a folder, or an address such as ``s3://bucket/folder`` or ``gs://...`` for
                `pyarrow.fs`.

        Raises:
            StorageError: nothing that `pyarrow.fs` knows.
        """
        self.address = address
        try:
            if "://" in address:
                self._files, self._root = fs.FileSystem.from_uri(address)
            else:
                self._files, self._root = fs.LocalFileSystem(), str(Path(address).absolute())
        except (OSError, ValueError) as error:  # Arrow's own errors are of these kinds
            raise StorageError(
                "readings cannot be kept there",
                where=address,
                expected="a folder, or an address such as s3://bucket/folder",
                received=in_one_line(error),
                remedy="Name a folder, or an address that pyarrow.fs knows.",
            ) from error

    @property
    def _local(self) -> Path | None:
        is_local = isinstance(self._files, fs.LocalFileSystem)
        return Path(self._root) if is_local else None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or replace it, down to the disk and in one step.

        Raises:
            StorageError: it cannot be written.
        """
        if self._local is not None:
            write_bytes(self._local / name, content)
            return
        try:  # object stores show a file only once all of it is there
            with self._files.open_output_stream(f"{self._root}/{name}") as stream:
                stream.write(content)
        except OSError as error:
            raise self._fault("readings cannot be written", name, error) from error

    def read(self, name: str) -> bytes | None:
        """All of a file; None where there is none.

        Raises:
            StorageError: it cannot be read.
        """
        try:
            with self._files.open_input_stream(f"{self._root}/{name}", compression=None) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault("readings cannot be read", name, error) from error

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted, without what is being written; [] without one.

        Raises:
            StorageError: it cannot be looked at.
        """
        selector = fs.FileSelector(f"{self._root}/{folder}", allow_not_found=True)
        try:
            found = self._files.get_file_info(selector)
        except OSError as error:
            raise self._fault("readings cannot be looked at", folder, error) from error
        return sorted(
            info.base_name
            for info in found
            if info.type == fs.FileType.File and not info.base_name.startswith(".")
        )

    def delete(self, folder: str = "") -> None:
        """Remove a folder and all that is in it, "" for everything; harmless where there is none.

        Raises:
            StorageError: it cannot be removed.
        """
        path = f"{self._root}/{folder}" if folder else self._root
        try:
            if self._files.get_file_info(path).type == fs.FileType.Directory:
                self._files.delete_dir(path)
        except OSError as error:
            raise self._fault("readings cannot be removed", folder, error) from error

    def _fault(self, what: str, name: str, error: OSError) -> StorageError:
        return StorageError(
            what,
            where=f"{self.address}/{name}",
            received=error.strerror or in_one_line(error),
            remedy="Check that the place can be reached and has room left.",
        )

"""The certificate for the local network: what it covers, and when it is renewed."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from fer_core.errors import MienError
from fer_core.serving import certificate
from fer_core.serving.certificate import ensure_certificate

ADDRESS = "192.168.7.5"


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_covers_the_addresses_and_this_machine(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path / "certificates", [ADDRESS])
    made = read(files.certificate)
    hosts = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    numbers = {str(number) for number in hosts.get_values_for_type(x509.IPAddress)}
    assert numbers == {ADDRESS, "127.0.0.1", "::1"}
    assert {"localhost", socket.gethostname()} <= set(hosts.get_values_for_type(x509.DNSName))
    assert made.not_valid_before_utc < datetime.now(UTC)
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=398)
    assert sorted(path.name for path in (tmp_path / "certificates").iterdir()) == [
        "mien.key",
        "mien.pem",
    ]
    if os.name == "posix":
        assert files.key.stat().st_mode & 0o077 == 0


def test_it_stays_until_it_no_longer_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ensure_certificate(tmp_path, [ADDRESS])

    def renewed(*addresses: str) -> bool:
        before = files.certificate.read_bytes()
        assert ensure_certificate(tmp_path, addresses) == files
        return files.certificate.read_bytes() != before

    assert not renewed(ADDRESS)
    assert not renewed()  # one network fewer is no reason to ask people again
    assert renewed("192.168.7.6")
    files.key.write_text("not a key")
    assert renewed()
    monkeypatch.setattr(certificate, "VALID_DAYS", 3)
    files.certificate.unlink()
    assert ensure_certificate(tmp_path, []) == files
    assert renewed()  # it would end within the week


def test_a_wrong_address_or_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="not an address"):
        ensure_certificate(tmp_path, ["my laptop"])
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="--certificates DIR"):
        ensure_certificate(tmp_path / "file", [])

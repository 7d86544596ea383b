"""A certificate of one's own, so that other machines of a local network get the camera by https.

Browsers give a page the camera only over https or on the very machine. Nobody signs certificates
for addresses of a home or an office, so this one signs itself, and browsers ask once whether to
trust it.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aioice.ice import get_host_addresses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fer_core.errors import MienError, StorageError
from fer_core.storage.atomic import write_bytes
from fer_core.storage.reading import fault

VALID_DAYS = 365
"""Apple's browsers refuse certificates of more than 398 days."""

_RENEW_DAYS = 7
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files: the certificate, for everybody, and its private key, for its owner alone."""

    certificate: Path
    key: Path


def lan_addresses() -> list[str]:
    """IPv4 addresses of this machine that others may reach; [] without a network."""
    return [str(address) for address in get_host_addresses(use_ipv4=True, use_ipv6=False)]


def own_names() -> list[str]:
    """Names of this machine: its own, and the one that its network knows it by (mDNS)."""
    name = socket.gethostname()
    return list(dict.fromkeys((name, f"{name.removesuffix('.local')}.local")))


def _hosts(addresses: Iterable[str]) -> x509.SubjectAlternativeName:
    names = dict.fromkeys(("localhost", *own_names()))
    numbers = dict.fromkeys((*addresses, *_LOOPBACK))
    return x509.SubjectAlternativeName(
        [x509.DNSName(host) for host in names]
        + [x509.IPAddress(ipaddress.ip_address(number)) for number in numbers]
    )


def ensure_certificate(folder: Path, addresses: Iterable[str]) -> CertificateFiles:
    """The folder's certificate, made anew where it is missing, damaged, ending or for elsewhere.

    It stays the same as long as it serves, since each new one is asked about again.

    Args:
        folder: created where missing; holds a private key, so not for version control.
        addresses: IP addresses at which the page will be opened, beside this machine's own names.

    Raises:
        MienError: an address is none, or the folder cannot be written.
    """
    files = CertificateFiles(folder / "mien.pem", folder / "mien.key")
    try:
        hosts = _hosts(addresses)
    except ValueError as error:
        raise MienError(
            "not an address of a machine",
            received=error,
            remedy="Give the address as the network has it, such as 192.168.1.20.",
        ) from error
    if _serves(files, hosts):
        return files
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(files, hosts)
    except (OSError, StorageError) as error:
        raise MienError(
            "the certificate cannot be written",
            where=folder,
            received=fault(error),
            remedy="Name a folder of your own: --certificates DIR",
        ) from error
    return files


def _serves(files: CertificateFiles, hosts: x509.SubjectAlternativeName) -> bool:
    try:
        known = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
        listed = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    ends_late = known.not_valid_after_utc > datetime.now(UTC) + timedelta(days=_RENEW_DAYS)
    return ends_late and set(hosts) <= set(listed) and known.public_key() == key.public_key()


def _write(files: CertificateFiles, hosts: x509.SubjectAlternativeName) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mien on this network")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of a home differ.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_bytes(files.key, private, mode=0o600)
    write_bytes(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), mode=0o600)

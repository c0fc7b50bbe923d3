"""Certificates as an office would make them, for tests of TLS."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key, as files."""

    cert: Path
    key: Path


def certificate(folder: Path, name: str) -> Certificate:
    """A new certificate for a host, or for whoever has this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + timedelta(days=1),
    )
    named = x509.SubjectAlternativeName([x509.DNSName(name)])
    root = x509.BasicConstraints(ca=True, path_length=0)
    signed = (
        made.add_extension(named, critical=False)
        .add_extension(root, critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    found.cert.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    found.key.chmod(0o600)  # The driver takes no key that others can read.
    return found

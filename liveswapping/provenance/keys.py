"""The key that files are signed with: made on this computer, known to nobody, kept where only its user can read it."""

from __future__ import annotations

import datetime
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.provenance.folder import config_folder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FILE: Final = "signing.pem"
SIGNER: Final = "LiveSwapping on one computer"
"""The certificate names no person and no computer."""
ALGORITHM: Final = "es256"
_YEARS: Final = 30
"""Without a timestamp a signature holds only as long as its certificate."""
_EMAIL_PROTECTION: Final = "1.3.6.1.5.5.7.3.4"
"""A use that C2PA takes of signing certificates ("Certificate Profile" in its specification)."""
_PRIVATE: Final = 0o600
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and the certificates that belong to it, the signer's own first, as PEM."""

    key: str
    certificates: str


def signing_key(folder: Path | None = None) -> SigningKey:
    """This computer's key, made when it is first asked for.

    `folder`: where it lies; None: the configuration's folder. Where nothing can be kept the key is good for this time.
    """
    place = folder or config_folder()
    if place is None:
        return _made()
    file = place / FILE
    kept = _read(file)
    if kept is not None:
        return kept
    made = _made()
    try:
        _write(file, made)
    except OSError as error:
        _LOG.info("%s cannot be kept (%s): files are signed with a key that is not used again", file, error)
        return made
    return _read(file) or made  # of two processes that made one, the last has written


def _read(file: Path) -> SigningKey | None:
    """The kept key; None where there is none, or what is there is none or has run out."""
    from cryptography import x509

    try:
        text = file.read_text(encoding="ascii")
        end = text.index("-----BEGIN CERTIFICATE")
        until = x509.load_pem_x509_certificate(text[end:].encode()).not_valid_after_utc
    except (OSError, ValueError):
        return None
    if until < datetime.datetime.now(datetime.UTC):
        return None
    return SigningKey(text[:end], text[end:])


def _write(file: Path, made: SigningKey) -> None:
    """All of it or nothing, and never readable by others."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{FILE}.{os.getpid()}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(made.key + made.certificates)
        part.chmod(_PRIVATE)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _made() -> SigningKey:
    """A new key. Its certificate is signed by another key that is forgotten: C2PA takes none that signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    issuer, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(issuer, issuer, f"{SIGNER}, issuer")
    authority = authority.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    authority = authority.add_extension(_usage(signs=False), critical=True)
    signer = _certificate(own, issuer, SIGNER)
    signer = signer.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    signer = signer.add_extension(_usage(signs=True), critical=True)
    signer = signer.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(_EMAIL_PROTECTION)]), critical=False)
    chain = [one.sign(issuer, hashes.SHA256()) for one in (signer, authority)]
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificates = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    return SigningKey(key.decode(), certificates.decode())


def _certificate(key: EllipticCurvePrivateKey, issuer: EllipticCurvePrivateKey, name: str) -> x509.CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(common: str) -> x509.Name:
        parts = (NameOID.ORGANIZATION_NAME, "LiveSwapping"), (NameOID.COMMON_NAME, common)
        return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])

    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(issuer_name=named(f"{SIGNER}, issuer"), subject_name=named(name))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """For signing files, or else for signing certificates."""
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )

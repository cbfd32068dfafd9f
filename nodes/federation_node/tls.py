# SPDX-License-Identifier: Apache-2.0
"""The node's TLS certificate and its side of the handshake (spec page ``transport``).

Trust roots only filter: gRPC also accepts a leaf *issued by* a trusted certificate,
``CA:FALSE`` or not. Who a caller is, `auth` decides for every call.
"""

import hashlib
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from federation.client import TLS_NAME, TlsIdentity
from federation.errors import MalformedError
from federation.member.ports import Log
from federation.wire import require_tls13

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = [
    "CERTIFICATE_LIFETIME",
    "check_certificate",
    "check_certificates",
    "expiry_of",
    "make_certificate",
    "server_credentials",
]

CERTIFICATE_LIFETIME: Final = timedelta(days=730)
"""How long a certificate is valid; the charter lists the next one before it ends."""

_BACKDATED: Final = timedelta(seconds=300)
"""Clocks may be that far apart."""


def make_certificate(member_id: str, at: datetime) -> TlsIdentity:
    """Make a TLS key and its self-signed certificate.

    ECDSA P-256, because gRPC refuses Ed25519; with key identifiers, because two
    certificates of one subject are otherwise mistaken for each other.

    Args:
        member_id: Stands in the subject for whoever looks at the file; never read.
        at: Now.

    Returns:
        Both.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, member_id)])
    public = key.public_key()
    start = at.replace(microsecond=0) - _BACKDATED
    usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + CERTIFICATE_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_digital_signature_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TLS_NAME)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return TlsIdentity(pem, certificate.public_bytes(serialization.Encoding.DER))


def check_certificate(certificate: bytes) -> None:
    """Refuse a certificate that is not as nodes make them (spec page ``transport``, section TLS).

    The TLS library stops reading its trust roots at the first that it cannot read, so one bad
    certificate in a charter would keep out members that have done nothing.

    Args:
        certificate: DER.

    Raises:
        MalformedError: Says what is wrong.
    """
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        key = parsed.public_key()
        parsed.verify_directly_issued_by(parsed)
        extensions = parsed.extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise MalformedError("a TLS certificate is not self-signed, or none at all") from error
    except (x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise MalformedError("a TLS certificate lacks an extension, or has it twice") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != ec.SECP256R1.name:
        raise MalformedError("the key of a TLS certificate is not ECDSA P-256")
    if constraints.ca:
        raise MalformedError("a TLS certificate is that of a certification authority")


def check_certificates(certificates: Iterable[bytes]) -> None:
    """Refuse certificates of which one is not as nodes make them (MalformedError)."""
    for certificate in certificates:
        check_certificate(certificate)


def expiry_of(certificate: bytes) -> datetime:
    """Return when a certificate (DER) is over, aware."""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


def server_credentials(
    own: Callable[[], TlsIdentity], roots: Callable[[], Sequence[bytes]], log: Log
) -> grpc.ServerCredentials:
    """Return credentials that ask every client for a certificate, by the current charter.

    Args:
        own: Returns what the node shows at the moment of a handshake.
        roots: Returns the certificates (DER) to trust at that moment.
        log: Told when either fails; what was before then stays.

    Raises:
        ConfigurationError: TLS 1.2 cannot be turned off any more.
    """
    require_tls13()

    def usable(trusted: frozenset[bytes]) -> set[bytes]:
        found = set()
        for certificate in trusted:
            try:
                check_certificate(certificate)
            except MalformedError as error:
                name = hashlib.sha256(certificate).hexdigest()
                log.warning("certificate_unusable", certificate=name, exc_info=error)
            else:
                found.add(certificate)
        return found

    def configuration(
        shown: TlsIdentity, trusted: frozenset[bytes]
    ) -> grpc.ServerCertificateConfiguration:
        # The own certificate is always among them: without any root, gRPC would refuse to
        # ask for client certificates at all.
        pems = map(ssl.DER_cert_to_PEM_cert, sorted(usable(trusted) | {shown.certificate}))
        pair = (shown.key, ssl.DER_cert_to_PEM_cert(shown.certificate).encode())
        return grpc.ssl_server_certificate_configuration([pair], "".join(pems).encode())

    first, known = own(), frozenset(roots())
    before = (first.certificate, known)

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        nonlocal before
        try:
            shown, trusted = own(), frozenset(roots())
            if (shown.certificate, trusted) == before:
                return None
            fresh = configuration(shown, trusted)
        except Exception as error:  # noqa: BLE001 - whatever it is, the handshake must go on
            log.warning("tls_state_unreadable", error=type(error).__name__)
            return None
        before = (shown.certificate, trusted)
        return fresh

    return grpc.dynamic_ssl_server_credentials(
        configuration(first, known),
        # None means "as before", which the published types do not know.
        cast("Callable[[], grpc.ServerCertificateConfiguration]", fetch),
        require_client_authentication=True,
    )


def _digital_signature_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )

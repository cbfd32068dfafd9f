# SPDX-License-Identifier: Apache-2.0
"""The node's TLS certificate and its side of the handshake (spec page ``transport``).

Trust roots only filter: gRPC also accepts a leaf *issued by* a trusted certificate,
``CA:FALSE`` or not. Who a caller is, `auth` decides for every call.
"""

import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from federation.client import TLS_NAME
from federation.member.ports import Log
from federation.wire import require_tls13

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["CERTIFICATE_LIFETIME", "make_certificate", "server_credentials"]

CERTIFICATE_LIFETIME: Final = timedelta(days=730)
"""How long a certificate is valid; the charter lists the next one before it ends."""

_BACKDATED: Final = timedelta(seconds=300)
"""Clocks may be that far apart."""


def make_certificate(member_id: str, at: datetime) -> tuple[bytes, bytes]:
    """Make a TLS key and its self-signed certificate.

    ECDSA P-256, because gRPC refuses Ed25519; with key identifiers, because two
    certificates of one subject are otherwise mistaken for each other.

    Args:
        member_id: Stands in the subject for whoever looks at the file; never read.
        at: Now.

    Returns:
        PEM of the private key, DER of the certificate.
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
    return pem, certificate.public_bytes(serialization.Encoding.DER)


def server_credentials(
    tls_key: bytes, certificate: bytes, roots: Callable[[], Sequence[bytes]], log: Log
) -> grpc.ServerCredentials:
    """Return credentials that ask every client for a certificate, by the current charter.

    Args:
        tls_key: PEM of the private key.
        certificate: DER of the own certificate.
        roots: Returns the certificates (DER) to trust at the moment of a handshake.
        log: Told when `roots` fails; the former roots then stay.

    Raises:
        ConfigurationError: TLS 1.2 cannot be turned off any more.
    """
    require_tls13()
    pair = (tls_key, ssl.DER_cert_to_PEM_cert(certificate).encode())

    def configuration(trusted: frozenset[bytes]) -> grpc.ServerCertificateConfiguration:
        # The own certificate is always among them: without any root, gRPC would refuse to
        # ask for client certificates at all.
        pems = map(ssl.DER_cert_to_PEM_cert, sorted(trusted | {certificate}))
        return grpc.ssl_server_certificate_configuration([pair], "".join(pems).encode())

    known = frozenset(roots())

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        nonlocal known
        try:
            current = frozenset(roots())
            if current == known:
                return None
            fresh = configuration(current)
        except Exception as error:  # noqa: BLE001 - whatever it is, the handshake must go on
            log.warning("tls_roots_unreadable", error=type(error).__name__)
            return None
        known = current
        return fresh

    return grpc.dynamic_ssl_server_credentials(
        configuration(known),
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

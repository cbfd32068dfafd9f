# SPDX-License-Identifier: Apache-2.0
"""The handshake and the leaf check against forged, renamed and foreign certificates."""

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from federation.charter import Identity
from federation.client import TLS_NAME
from federation.errors import AuthenticationError, MalformedError, PeerUnreachableError
from federation.messages import SyncCharter
from federation.wire.environment import require_tls13
from federation_node.tls import CERTIFICATE_LIFETIME, check_certificate, make_certificate
from tests.node.network import NOW, REPLIES, REQUESTS, Party, Site, site

HOPE, AMPARO, LICHT = Party.make("hope"), Party.make("amparo"), Party.make("licht")
ASK = REQUESTS[SyncCharter]


@pytest.fixture
def hope() -> Iterator[Site]:
    """Run a server of hope that amparo and licht may call."""
    with site(HOPE, AMPARO, LICHT) as running:
        yield running


def certify(name: str, issuer: Party | None) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Make a certificate, self-signed or issued by a member's, which is no CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = subject, key
    if issuer is not None:
        loaded = serialization.load_pem_private_key(issuer.tls_key, None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        issuer_name, issuer_key = x509.load_der_x509_certificate(issuer.certificate).subject, loaded
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TLS_NAME)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return key, builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Serialise a TLS key."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def issued_by(issuer: Party, name: str) -> tuple[bytes, bytes]:
    """Forge a leaf under a member's certificate."""
    key, leaf = certify(name, issuer)
    return pem(key), leaf


@pytest.fixture
def forger(hope: Site) -> Party:
    """A member that had a certificate listed which does not say what it is not for.

    The charter lists any certificate, not only those that `make_certificate` makes.
    """
    key, certificate = certify("licht", None)
    party = Party("licht", LICHT.identity, pem(key), certificate)
    hope.authority.admit(party)
    return party


def handshake(hope: Site, folder: Path, version: ssl.TLSVersion) -> str | None:
    """Shake hands as amparo with exactly one TLS version."""
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(AMPARO.tls_key)
    files[1].write_text(ssl.DER_cert_to_PEM_cert(AMPARO.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(files[1], files[0])
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", hope.server.port), timeout=10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        return secure.version()


def test_tls_1_3_is_spoken(hope: Site, tmp_path: Path) -> None:
    """The control for the refusal of TLS 1.2: same client, same certificate."""
    assert "TLSv1.3" == handshake(hope, tmp_path, ssl.TLSVersion.TLSv1_3)


def test_tls_1_2_is_refused(hope: Site, tmp_path: Path) -> None:
    """A client that cannot do better does not get through the handshake."""
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(hope, tmp_path, ssl.TLSVersion.TLSv1_2)


def test_tls_1_2_was_turned_off_in_time() -> None:
    """The library gRPC was loaded after its environment was set."""
    require_tls13()


@pytest.mark.parametrize("name", ["amparo", "hope", "licht"])
def test_a_leaf_issued_by_a_member_is_refused(hope: Site, forger: Party, name: str) -> None:
    """TLS lets it in, because its issuer is trusted; the leaf check does not."""
    key, leaf = issued_by(forger, name)
    with (
        hope.channel(key, leaf, forger.certificate) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary("/federation.v1.CharterService/SyncCharter")(b"", timeout=10)
    error: Any = caught.value

    assert (
        grpc.StatusCode.UNAUTHENTICATED,
        "not authenticated",
        [],
        ["client certificate is not that of a current member"],
    ) == (error.code(), error.details(), hope.authority.handled, hope.journal.reasons())


def test_our_own_certificates_cannot_issue(hope: Site) -> None:
    """A leaf issued by a certificate of `make_certificate` fails in the handshake already."""
    key, leaf = issued_by(LICHT, "licht")
    with (
        hope.channel(key, leaf, LICHT.certificate) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary("/federation.v1.CharterService/SyncCharter")(b"", timeout=5)
    error: Any = caught.value

    assert (grpc.StatusCode.UNAVAILABLE, []) == (error.code(), hope.journal.reasons())


def test_a_forged_leaf_with_the_right_signature_is_refused(hope: Site, forger: Party) -> None:
    """Even the member whose key signed the header needs its own certificate."""
    key, leaf = issued_by(forger, "licht")
    twin = Party("licht", LICHT.identity, key, leaf)
    with hope.peer(twin) as peer, pytest.raises(AuthenticationError):
        peer.call(ASK, timeout=10)

    assert [] == hope.authority.handled


def test_a_name_in_a_certificate_opens_nothing(hope: Site) -> None:
    """A stranger who calls itself a member does not get through the handshake."""
    shown = make_certificate("amparo", NOW)
    stranger = Party("amparo", AMPARO.identity, shown.key, shown.certificate)
    with hope.peer(stranger) as peer, pytest.raises(PeerUnreachableError):
        peer.call(ASK, timeout=0.5)

    assert [] == hope.authority.handled


def test_a_name_in_a_certificate_spoils_nothing(hope: Site) -> None:
    """A member whose certificate says another member's name is still itself."""
    shown = make_certificate("licht", NOW)
    renamed = Party("amparo", AMPARO.identity, shown.key, shown.certificate)
    hope.authority.admit(renamed)
    with hope.peer(renamed) as peer:
        reply = peer.call(ASK, timeout=10)

    assert (REPLIES[SyncCharter], [("amparo", ASK)]) == (reply, hope.authority.handled)


def test_the_name_in_the_own_certificate_does_not_speak_for_another(hope: Site) -> None:
    """Amparo's connection with licht's signature is refused, and the other way round."""
    mixed = Party("licht", LICHT.identity, AMPARO.tls_key, AMPARO.certificate)
    with hope.peer(mixed) as peer, pytest.raises(AuthenticationError):
        peer.call(ASK, timeout=10)

    assert ([], ["signer is not the owner of the connection"]) == (
        hope.authority.handled,
        hope.journal.reasons(),
    )


def test_no_certificate_no_connection(hope: Site) -> None:
    """A client without a certificate does not get through the handshake."""
    credentials = grpc.ssl_channel_credentials(ssl.DER_cert_to_PEM_cert(HOPE.certificate).encode())
    options = (("grpc.ssl_target_name_override", TLS_NAME), ("grpc.enable_http_proxy", 0))
    with (
        grpc.secure_channel(f"127.0.0.1:{hope.server.port}", credentials, options) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary("/federation.v1.CharterService/SyncCharter")(b"", timeout=5)
    error: Any = caught.value

    assert grpc.StatusCode.UNAVAILABLE == error.code()


@pytest.mark.parametrize("service", ["health", "watch", "reflection"])
def test_health_and_reflection_are_not_for_strangers(
    hope: Site, forger: Party, service: str
) -> None:
    """A forged leaf learns neither that the node is healthy nor what it offers."""
    key, leaf = issued_by(forger, "amparo")

    def ask(channel: grpc.Channel) -> object:
        healthy = health_pb2.HealthCheckRequest()
        if service == "health":
            return health_pb2_grpc.HealthStub(channel).Check(healthy, timeout=10)
        if service == "watch":
            return list(health_pb2_grpc.HealthStub(channel).Watch(healthy, timeout=10))
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        wanted = reflection_pb2.ServerReflectionRequest(list_services="")
        return list(stub.ServerReflectionInfo(iter([wanted]), timeout=10))

    with (
        hope.channel(key, leaf, forger.certificate) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        ask(channel)
    error: Any = caught.value
    refusals = {
        "health": grpc.StatusCode.UNAUTHENTICATED,
        "watch": grpc.StatusCode.UNIMPLEMENTED,
        "reflection": grpc.StatusCode.UNAUTHENTICATED,
    }

    assert refusals[service] == error.code()


def test_a_removed_member_is_refused_in_the_middle_of_a_stream(hope: Site) -> None:
    """Every message of a stream is checked, not only the first."""
    wanted = reflection_pb2.ServerReflectionRequest(list_services="")

    def requests() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        yield wanted
        del hope.authority.members[AMPARO.certificate]
        yield wanted

    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            list(stub.ServerReflectionInfo(requests(), timeout=10))
    error: Any = caught.value

    assert grpc.StatusCode.UNAUTHENTICATED == error.code()


def test_roots_that_cannot_be_read_leave_the_former_ones(hope: Site) -> None:
    """A failing database does not open the port, and does not close it either."""
    hope.authority.unreadable = RuntimeError("database is gone")
    with hope.peer(AMPARO) as peer:
        peer.call(ASK, timeout=10)

    assert ("tls_state_unreadable", {"error": "RuntimeError"}) in hope.journal.entries


def test_a_certificate_is_what_the_design_says() -> None:
    """ECDSA P-256, self-signed, no CA, with key identifiers, the same name for all."""
    der = make_certificate("hope", NOW).certificate
    certificate = x509.load_der_x509_certificate(der)
    extensions = certificate.extensions
    public = certificate.public_key()
    certificate.verify_directly_issued_by(certificate)

    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert "secp256r1" == public.curve.name
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        == extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    )
    assert [TLS_NAME] == extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value.get_values_for_type(x509.DNSName)
    assert (
        CERTIFICATE_LIFETIME == certificate.not_valid_after_utc - certificate.not_valid_before_utc
    )


def test_an_identity_alone_opens_nothing(hope: Site) -> None:
    """A signing key of somebody unknown, over a member's connection, is refused."""
    unknown = Party("nobody", Identity.generate("nobody"), AMPARO.tls_key, AMPARO.certificate)
    with hope.peer(unknown) as peer, pytest.raises(AuthenticationError):
        peer.call(ASK, timeout=10)

    assert [] == hope.authority.handled


def rsa_certificate() -> bytes:
    """Make a certificate that is one, of another kind than the nodes'."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "licht")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    return (
        builder.public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


@pytest.mark.parametrize(
    "bad",
    [
        b"\x30\x03garbage",
        LICHT.certificate[:-1],
        LICHT.certificate + b"\0",
        issued_by(LICHT, "licht")[1],
        rsa_certificate(),
    ],
    ids=["garbage", "cut off", "too long", "issued", "RSA"],
)
def test_a_certificate_that_is_not_as_it_should_be_is_refused(bad: bytes) -> None:
    """So that no charter lists it, and no server takes it among its roots."""
    with pytest.raises(MalformedError):
        check_certificate(bad)


def test_a_listed_certificate_that_is_none_keeps_nobody_out(hope: Site) -> None:
    """A member that has garbage listed harms itself only."""
    hope.authority.members[b"\x30\x03garbage"] = "licht"
    late = Party.make("late")
    hope.authority.admit(late)
    with hope.peer(late) as peer:
        peer.call(ASK, timeout=10)

    assert [("late", ASK)] == hope.authority.handled

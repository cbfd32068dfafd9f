# SPDX-License-Identifier: Apache-2.0
"""TLS 1.3 only, set before gRPC is imported.

gRPC has no option for the lowest TLS version. Its only switch is the list of TLS 1.2
cipher suites, which it reads once from the environment when it is loaded. Naming a
suite for RSA certificates leaves nothing that an ECDSA certificate could serve, so a
handshake below TLS 1.3 ends with "no shared cipher".

Every module of this project that imports gRPC imports `federation.wire`, and so this, first.
"""

import os
import sys

from federation.errors import ConfigurationError

__all__ = ["require_tls13"]

_VARIABLE = "GRPC_SSL_CIPHER_SUITES"
_SUITES = "ECDHE-RSA-AES128-GCM-SHA256"

_in_time = "grpc" not in sys.modules or os.environ.get(_VARIABLE) == _SUITES
os.environ[_VARIABLE] = _SUITES
# Handshakes of strangers are no news; what matters is in the node's own log.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def require_tls13() -> None:
    """Refuse to open a connection that could fall back to TLS 1.2.

    Raises:
        ConfigurationError: gRPC was imported before this library could restrict it.
    """
    if not _in_time:
        raise ConfigurationError(
            "gRPC was loaded before TLS 1.2 could be turned off",
            next_step=f"import federation before grpc, or set {_VARIABLE}={_SUITES}",
        )

# SPDX-License-Identifier: Apache-2.0
"""One-time codes: RFC 6238, appendix B, cut to six digits."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.crypto.totp import STEP, key_uri, new_secret, verify_code
from federation.errors import VerifyError

SECRET = b"12345678901234567890"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_vectors(at: int, code: str) -> None:
    """The code of a time is accepted at that time, and its step is returned."""
    assert at // STEP == verify_code(SECRET, code, at, after=-1)


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_a_code_is_good_once(at: int, code: str) -> None:
    """Neither the same code nor an older one is taken afterwards."""
    step = verify_code(SECRET, code, at, after=-1)

    for later in (step, step + 1):
        with pytest.raises(VerifyError):
            verify_code(SECRET, code, at, after=later)


@given(st.integers(0, 2**40), st.integers(-120, 120))
def test_clocks_may_differ_by_a_step(at: int, late: int) -> None:
    """A code of the step before or after is taken; one further away is not."""
    code = _code(at)
    apart = abs((at + late) // STEP - at // STEP)
    if at + late < 0:
        return
    if apart <= 1:
        # Two steps may have one code by chance.
        assert code == _code(verify_code(SECRET, code, at + late, after=at // STEP - 1) * STEP)
    else:
        try:
            verify_code(SECRET, code, at + late, after=-1)
        except VerifyError:
            return
        # Six digits may be the same by chance, but then they are those of another step.
        assert code in {_code(at + late + off * STEP) for off in (-1, 0, 1)}


@pytest.mark.parametrize("wrong", ["", "28708", "2870821", "٢٨٧٠٨٢", "\ud800", " 287082", "abcdef"])
def test_anything_else_is_refused(wrong: str) -> None:
    """Nothing but the six digits is taken, and nothing crashes."""
    with pytest.raises(VerifyError):
        verify_code(SECRET, wrong, 59, after=-1)


def test_what_an_app_reads() -> None:
    """The address names secret, account and issuer; two secrets differ."""
    read = urlsplit(key_uri(SECRET, "maria", "Hope Line"))
    query = parse_qs(read.query)

    assert ("otpauth", "totp") == (read.scheme, read.netloc)
    assert ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"] == query["secret"]
    assert ["Hope Line"] == query["issuer"]
    assert (["6"], ["30"]) == (query["digits"], query["period"])
    assert new_secret() != new_secret()


def _code(at: int) -> str:
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    return TOTP(SECRET, 6, SHA1(), STEP).generate(at).decode()

"""One enveloped XML signature checked with signxml: our trust, our algorithms, nothing fetched.

Imported only where signatures are checked: signxml is an optional extra.
"""

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.util import X509CertChainVerifier
from signxml.verifier import SignatureConfiguration, XMLVerifier

from formats.msghead import MSGHEAD

_HEAD = f"{{{MSGHEAD}}}MsgHead"
_DEFAULT = SignatureConfiguration()
_METHODS = frozenset(m for m in _DEFAULT.signature_methods if not m.name.startswith("HMAC"))
_OLD_METHODS = frozenset({SignatureMethod.RSA_SHA1})
_OLD_DIGESTS = frozenset({DigestAlgorithm.SHA1})
_FAULTS = (SignXMLException, InvalidSignature, etree.LxmlError, ValueError, TypeError, LookupError, AttributeError)
"""All that a hostile signature makes signxml and lxml raise: each means that it does not hold."""


class SignatureCheck:
    """Checks signatures against `certificates` (PEM texts). ValueError where they hold none."""

    def __init__(self, certificates: Iterable[bytes], *, sha1: bool) -> None:
        self._trusted = [c for text in certificates for c in x509.load_pem_x509_certificates(text)]
        if not self._trusted:
            msg = "no certificates to check signatures with"
            raise ValueError(msg)
        self._methods = _METHODS | (_OLD_METHODS if sha1 else frozenset())
        self._digests = _DEFAULT.digest_algorithms | (_OLD_DIGESTS if sha1 else frozenset())

    def signed(self, raw: bytes, made: datetime | None, *, trusting: bool) -> bytes | None:
        """The signed envelope in canonical bytes; `None` where the signature does not hold or nobody we trust made it.

        `made`: the moment for which certificates must be valid. `trusting`: any certificate will do.
        """
        config = SignatureConfiguration(
            location="./",
            expect_references=1,
            verification_time=made,
            signature_methods=self._methods,
            digest_algorithms=self._digests,
        )
        verifier = _Verifier(None if trusting else self._trusted)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            result = verifier.verify(raw, expect_config=config, parser=parser)
        except _FAULTS:
            return None
        if isinstance(result, list) or result.signed_xml is None or result.signed_xml.tag != _HEAD:
            return None
        return bytes(result.signed_data)


class _Chain(X509CertChainVerifier):
    """A chain that ends in a trusted certificate, which may be the signer's own; `None` trusts whoever signed."""

    def __init__(self, trusted: list[x509.Certificate] | None, at: datetime) -> None:
        super().__init__(ca_pem_file="", verification_time=at)  # type: ignore[no-untyped-call]  # signxml says no types
        self._trusted = trusted

    @property
    def store(self) -> x509.verification.Store:
        return x509.verification.Store(self._trusted or [])

    def validate_key_usage(self, _policy: object, _certificate: object, key_usage: x509.KeyUsage) -> None:
        # Certificates for personal signatures often have content commitment alone.
        if not (key_usage.digital_signature or key_usage.content_commitment):
            msg = "no certificate for signatures"
            raise ValueError(msg)

    def verify(self, cert_chain: list[x509.Certificate]) -> x509.Certificate:
        issuers = {c.issuer for c in cert_chain if c.issuer != c.subject}
        ordered = sorted(cert_chain, key=lambda c: c.subject in issuers)  # no order is prescribed: the signer first
        if self._trusted is None or ordered[0] in self._trusted:
            return ordered[0]
        found: x509.Certificate = super().verify(ordered)  # type: ignore[no-untyped-call]  # signxml says no types
        return found


class _Verifier(XMLVerifier):
    def __init__(self, trusted: list[x509.Certificate] | None) -> None:
        super().__init__()
        self._trusted = trusted

    def get_cert_chain_verifier(self, ca_pem_file: object, ee_policy: object, ca_policy: object) -> _Chain:
        del ca_pem_file, ee_policy, ca_policy
        at: datetime = self._get_cert_verification_time()  # type: ignore[no-untyped-call]  # signxml says no types
        return _Chain(self._trusted, at)

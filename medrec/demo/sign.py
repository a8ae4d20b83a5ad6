"""A real XML signature on the demo's prescriptions, so that its messages have the shape and size of real ones.

Enveloped, exclusive c14n, RSA-SHA256, as M1 carries. The key lives only in memory and belongs to nobody.
"""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from medrec.demo.envelope import Element

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"


class Signer:
    """Signs with one key made at construction; `signed` is the finished message as bytes."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "medrec demo")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=365))
            .sign(self._key, hashes.SHA256())
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        self._certificate = base64.b64encode(der).decode()

    def signed(self, root: Element) -> bytes:
        """`root` with a Signature as its last child, serialised; `root` itself is changed."""
        digest = base64.b64encode(hashlib.sha256(_canonical(root)).digest()).decode()
        signature = etree.SubElement(root, f"{{{DS}}}Signature", nsmap={None: DS})
        info = _signed_info(signature, digest)
        value = self._key.sign(_canonical(info), padding.PKCS1v15(), hashes.SHA256())
        _child(signature, "SignatureValue").text = base64.b64encode(value).decode()
        data = _child(_child(signature, "KeyInfo"), "X509Data")
        _child(data, "X509Certificate").text = self._certificate
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _signed_info(signature: Element, digest: str) -> Element:
    info = _child(signature, "SignedInfo")
    _child(info, "CanonicalizationMethod", EXC_C14N)
    _child(info, "SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
    reference = _child(info, "Reference")
    reference.set("URI", "")
    transforms = _child(reference, "Transforms")
    _child(transforms, "Transform", f"{DS}enveloped-signature")
    _child(transforms, "Transform", EXC_C14N)
    _child(reference, "DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256")
    _child(reference, "DigestValue").text = digest
    return info


def _child(parent: Element, tag: str, algorithm: str = "") -> Element:
    return etree.SubElement(parent, f"{{{DS}}}{tag}", {"Algorithm": algorithm} if algorithm else {})


def _canonical(element: Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)

"""Personal signatures: what holds, what does not, and that only what was signed is read."""

import base64
import sys
from datetime import UTC, datetime, timedelta

import pytest
from build_eresept import element, line, m1, m25, m96, m912
from lxml import etree

from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.statement import Signature

pytest.importorskip("signxml", reason="the extra 'signatures' is not installed")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from formats.signatures import NoSignxmlError, Signatures

DS = "{http://www.w3.org/2000/09/xmldsig#}"
MH = "{http://www.kith.no/xmlstds/msghead/2006-05-24}"


class Old(XMLSigner):
    """Signs with SHA-1, as old senders do."""

    def check_deprecated_methods(self):
        """Let it."""


class Signer:
    """A key made for this test, its certificate, and who issued it (itself where nobody else did)."""

    def __init__(self, name="Lege", issuer=None, *, ca=False, signature_key=False):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = issuer
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        above = issuer or self
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"), False
        ) | dict.fromkeys(("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
        usage |= {"key_cert_sign": True} if ca else {"content_commitment": True, "digital_signature": signature_key}
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(above.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=800))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
            .sign(above.key, hashes.SHA256())
        )

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, raw, *, old=False, **how):
        signer = (Old if old else XMLSigner)(
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
            signature_algorithm=SignatureMethod.RSA_SHA1 if old else SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA1 if old else DigestAlgorithm.SHA256,
        )
        chain = [self.certificate, *([self.issuer.certificate] if self.issuer else [])]
        root = etree.fromstring(raw)
        for last in root.findall(f"{DS}Signature"):
            root.remove(last)
        return etree.tostring(signer.sign(root, key=self.key, cert=chain, **how), encoding="utf-8")


@pytest.fixture(scope="module")
def doctor():
    return Signer()


@pytest.fixture(scope="module")
def stranger():
    return Signer("Ukjent")


@pytest.fixture(scope="module")
def checks(doctor):
    return Signatures([doctor.pem])


def only(raw, signatures):
    (statement,) = read(raw, signatures=signatures).statements
    return statement


def test_a_good_signature_changes_nothing_but_the_verdict(doctor, checks):
    signed = doctor.sign(m1())
    checked, unchecked = only(signed, checks), only(signed, None)
    assert (checked.signed, unchecked.signed) == (Signature.VALID, Signature.NOT_CHECKED)
    assert (checked.id, checked.dose_text, checked.place) == (unchecked.id, unchecked.dose_text, unchecked.place)


def test_a_prescription_without_a_signature_is_told_so_where_signatures_are_checked(checks):
    raw = etree.fromstring(m1())
    for signature in raw.findall(f"{DS}Signature"):
        raw.remove(signature)
    assert only(etree.tostring(raw), checks).signed is Signature.UNSIGNED


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"1 tablett morgen", b"9 tablett morgen"), (b"C07AB02", b"B01AA03"), (b"2026-02-01<", b"2026-02-02<")],
)
def test_tampering_is_told_and_the_prescription_stays_visible(doctor, checks, old, new):
    signed = doctor.sign(m1())
    assert old in signed
    reading = read(signed.replace(old, new), signatures=checks)
    assert [s.signed for s in reading.statements] == [Signature.INVALID]
    assert [u.reason for u in reading.unread] == ["signature-invalid"]


def test_a_certificate_nobody_vouches_for(stranger, checks):
    assert only(stranger.sign(m1()), checks).signed is Signature.UNKNOWN_SIGNER


def test_a_strangers_key_under_the_doctors_certificate(doctor, stranger, checks):
    forged = etree.fromstring(stranger.sign(m1()))
    forged.find(f".//{DS}X509Certificate").text = base64.b64encode(
        doctor.certificate.public_bytes(serialization.Encoding.DER)
    ).decode()
    assert only(etree.tostring(forged), checks).signed is Signature.INVALID


def test_a_certificate_issued_under_one_of_the_folder():
    issuer = Signer("Utsteder", ca=True)
    raw = Signer("Lege", issuer).sign(m1())
    assert only(raw, Signatures([issuer.pem])).signed is Signature.VALID
    assert only(raw, Signatures([Signer("Annen", ca=True).pem])).signed is Signature.UNKNOWN_SIGNER


def test_certificates_count_for_the_day_the_message_was_made(doctor, checks):
    late = m1().replace(b"<GenDate>2026", b"<GenDate>2036")
    assert late != m1()
    assert only(doctor.sign(late), checks).signed is not Signature.VALID


def test_sha_1_only_where_it_is_asked_for(doctor, checks):
    raw = doctor.sign(m1(), old=True)
    assert only(raw, checks).signed is Signature.INVALID
    assert only(raw, Signatures([doctor.pem], sha1=True)).signed is Signature.VALID


def wrapped(signed, *, around):
    """A false prescription around the true one: its signature is carried along and stays good for the true one."""
    true = etree.fromstring(signed)
    false = etree.fromstring(m1().replace(b"1 tablett morgen", b"9 tabletter morgen"))
    for last in false.findall(f"{DS}Signature"):
        false.remove(last)
    signature = true.find(f"{DS}Signature")
    if around == "signature outside":
        false.append(true)
        false.append(signature)
    elif around == "signature inside":
        false.append(true)
    else:
        holder = etree.SubElement(signature, f"{DS}Object")
        holder.append(etree.fromstring(etree.tostring(true)))
        false.append(signature)
    return etree.tostring(false)


@pytest.mark.parametrize("around", ["signature outside", "signature inside", "object"])
@pytest.mark.parametrize("reference", [None, "true-one"])
def test_wrapping_is_never_valid(doctor, checks, around, reference):
    raw = m1()
    if reference:
        raw = raw.replace(b"<MsgHead", b'<MsgHead Id="true-one"', 1)
    signed = doctor.sign(raw, reference_uri=reference) if reference else doctor.sign(raw)
    reading = read(wrapped(signed, around=around), signatures=checks)
    assert Signature.VALID not in {s.signed for s in reading.statements}


def test_an_element_after_the_signature_is_not_read(doctor, checks):
    """Exclusive canonicalisation covers it, so it breaks the signature; a comment it does not cover is not read."""
    signed = doctor.sign(m1())
    commented = signed.replace(b"1 tablett morgen", b"1 tablett<!-- 9 --> morgen")
    assert only(commented, checks).dose_text == "1 tablett morgen"
    assert only(commented, checks).signed is Signature.VALID


def test_two_signatures_are_refused_never_chosen(doctor, stranger, checks):
    signed = etree.fromstring(doctor.sign(m1()))
    signed.append(etree.fromstring(stranger.sign(m1())).find(f"{DS}Signature"))
    with pytest.raises(FormatError) as refusal:
        read(etree.tostring(signed), signatures=checks)
    assert refusal.value.code is ErrorCode.DUPLICATE_KEY


@pytest.mark.parametrize("name", ["SignatureValue", "DigestValue", "X509Certificate", "SignedInfo", "KeyInfo"])
@pytest.mark.parametrize("how", ["emptied", "removed", "rubbish"])
def test_broken_signatures_are_invalid_and_nothing_worse(doctor, checks, name, how):
    root = etree.fromstring(doctor.sign(m1()))
    target = root.find(f".//{DS}{name}")
    if how == "removed":
        target.getparent().remove(target)
    else:
        for child in list(target):
            target.remove(child)
        target.text = "" if how == "emptied" else "@@@@"
    assert only(etree.tostring(root), checks).signed is Signature.INVALID


def test_each_prescription_of_a_list_has_its_own_verdict(doctor, stranger, checks):
    good, bad = doctor.sign(m1()), stranger.sign(m1())
    for raw, verdict in ((good, Signature.VALID), (bad, Signature.UNKNOWN_SIGNER)):
        listed = [s for s in read(m96(element(1), attached=(raw,)), signatures=checks).statements if s.kind == "resept"]
        assert [s.signed for s in listed] == [verdict]


def test_a_remembered_container_is_checked_all_the_same(doctor, checks):
    known = {}
    raw = m96(element(1), attached=(doctor.sign(m1()),))
    read(raw, known=known)
    (listed,) = [s for s in read(raw, known=known, signatures=checks).statements if s.kind == "resept"]
    assert listed.signed is Signature.VALID


def test_a_list_of_medicines_alone_and_in_its_transport(doctor, checks):
    signed = doctor.sign(m25(line(1)))
    assert {s.signed for s in read(signed, signatures=checks).statements} == {Signature.VALID}
    inside = read(m912(signed), signatures=checks)
    assert {s.signed for s in inside.statements if s.kind == "pll"} == {Signature.VALID}
    broken = read(m912(signed.replace(b"22222222-0000", b"32222222-0000", 1)), signatures=checks)
    assert {s.signed for s in broken.statements if s.kind == "pll"} == {Signature.INVALID}


def test_without_the_library_it_says_how_to_get_it(doctor, monkeypatch):
    monkeypatch.delitem(sys.modules, "formats.signature_check", raising=False)
    monkeypatch.setitem(sys.modules, "signxml.algorithms", None)
    with pytest.raises(NoSignxmlError, match="signatures"):
        Signatures([doctor.pem])


@pytest.mark.parametrize("texts", [[], [b""], [b"no certificate"]])
def test_no_certificates(texts):
    with pytest.raises(ValueError):  # noqa: PT011 - cryptography's own words, or ours
        Signatures(texts)

"""Personal XML signatures of prescriptions and lists: checked where certificates are at hand, and what the check says.

Messages carry an enveloped signature over the whole of their envelope (formats.md 1). Three things are asked: does the
one signature that stands directly in the envelope hold, is its certificate one we trust (in the folder itself, or
issued under one that is), and what was signed. Only what was signed is read afterwards: `Checked.signed` is made from
the canonical bytes that the signature covers, not from the message. The validity of certificates is asked for the
moment the message says it was made: prescriptions outlive certificates, and there is no other clock here.

Needs `signxml` (the optional extra `signatures`). SHA-1 is refused unless asked for: old senders have nothing else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lxml import etree

from formats.dates import read_moment
from formats.msghead import MSGHEAD, XMLDSIG
from formats.statement import Kind, Reading, Signature, Statement, Unread
from formats.xmldoc import Doc, Opened

_HEAD = f"{{{MSGHEAD}}}MsgHead"
_SIGNATURE = f"{{{XMLDSIG}}}Signature"
_GEN_DATE = f"{{{MSGHEAD}}}MsgInfo/{{{MSGHEAD}}}GenDate"
_CERTIFICATE = f"{{{XMLDSIG}}}KeyInfo/{{{XMLDSIG}}}X509Data/{{{XMLDSIG}}}X509Certificate"
_REFERENCE = f"{{{XMLDSIG}}}SignedInfo/{{{XMLDSIG}}}Reference"
_MOST_CERTIFICATES = 10

SIGNED_KINDS = frozenset({"Resept", "LegemidlerIBruk", "Tilbakekalling"})
"""Bodies that a prescriber signs in person: where one of them comes without a signature, that is said."""


class NoSignxmlError(RuntimeError):
    """Certificates are configured, but the library that checks signatures is not installed."""

    def __init__(self) -> None:
        super().__init__("signatures can't be checked: install medrec with the extra 'signatures' (signxml)")


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one envelope (`None`: it is none), and what was signed, where the verdict is valid."""

    verdict: Signature | None
    signed: bytes | None = None


class Signatures:
    """Checks envelopes against the certificates of signers, or of those who issue them.

    `certificates`: PEM texts, each with one or more. `sha1`: SHA-1 is taken too. Raises `NoSignxmlError`
    where the library is missing, ValueError where a text holds no certificate or there is none.
    """

    def __init__(self, certificates: Iterable[bytes], *, sha1: bool = False) -> None:
        try:
            from formats.signature_check import SignatureCheck  # noqa: PLC0415 - needs the optional extra
        except ImportError:
            raise NoSignxmlError from None
        self._check = SignatureCheck(certificates, sha1=sha1)

    def check(self, raw: bytes, root: etree._Element) -> Checked:
        """The verdict on the envelope in `raw`, whose root is `root`. `raw` has no document type (xmldoc)."""
        if root.tag != _HEAD:
            return Checked(None)
        found = root.findall(_SIGNATURE)
        if not found:
            return Checked(Signature.UNSIGNED)
        if len(found) > 1 or len(found[0].findall(_CERTIFICATE)) > _MOST_CERTIFICATES or not _of_whole(root, found[0]):
            return Checked(Signature.INVALID)
        made = read_moment(root.findtext(_GEN_DATE) or "")
        signed = self._check.signed(raw, made, trusting=False)
        if signed is not None:
            return Checked(Signature.VALID, signed)
        holds = self._check.signed(raw, made, trusting=True) is not None
        return Checked(Signature.UNKNOWN_SIGNER if holds else Signature.INVALID)


def _of_whole(root: etree._Element, signature: etree._Element) -> bool:
    """True where the one reference names the envelope the signature stands in, and no other element of it.

    A signature that is good for something else inside says nothing of what stands around it (wrapping).
    """
    references = signature.findall(_REFERENCE)
    own = {"", *(f"#{root.get(name)}" for name in ("Id", "ID", "id") if root.get(name))}
    return len(references) == 1 and references[0].get("URI") in own


def with_verdicts(reading: Reading, doc: Doc) -> Reading:
    """`reading` with the verdict of the envelope each statement was read from; one that fails is told as unread too."""
    checked = [d for d in doc.opened or () if d.verdict is not None and _matters(d)]
    if not checked:
        return reading
    own = {_id(d): d.verdict for d in checked if _body(d) == "Resept"}

    def verdict(statement: Statement) -> Signature | None:
        if statement.kind is Kind.PRESCRIPTION and statement.prescription_id in own:
            return own[statement.prescription_id]
        path = statement.place.path if statement.place else ""
        around = [d for d in checked if path.startswith(f"{d.under}/")]
        return max(around, key=lambda d: len(d.under)).verdict if around else None

    failed = [d for d in checked if d.verdict is Signature.INVALID]
    unread = [Unread(doc.place(d.under or d.path), "signature-invalid") for d in failed]
    return _judged(reading, verdict, tuple(unread))


def _judged(
    reading: Reading, verdict: Callable[[Statement], Signature | None], unread: tuple[Unread, ...] = ()
) -> Reading:
    statements = tuple(replace(s, signed=verdict(s) or s.signed) for s in reading.statements)
    also = tuple(_judged(r, verdict) for r in reading.also)
    return replace(reading, statements=statements, also=also, unread=(*reading.unread, *unread))


def _matters(doc: Opened) -> bool:
    """A signature is missed only where a prescriber signs in person."""
    return doc.verdict is not Signature.UNSIGNED or _body(doc) in SIGNED_KINDS


def _body(doc: Opened) -> str:
    body = doc.element.find(f"{{{MSGHEAD}}}Document/{{{MSGHEAD}}}RefDoc/{{{MSGHEAD}}}Content/*")
    return etree.QName(body).localname if body is not None else ""


def _id(doc: Opened) -> str:
    return doc.element.findtext(f"{{{MSGHEAD}}}MsgInfo/{{{MSGHEAD}}}MsgId") or ""

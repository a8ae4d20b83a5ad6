"""The reconciled list as a FHIR R4 document (fhir.md section 4): plain values in, a Bundle out.

What others read here is what our pages show: each line with its sources, each discrepancy with what it rests on, each
source with its own list and why it is empty. Same values, same bytes: every address is made from what it names.
"""

from collections.abc import Iterable

from formats.fhir.document_values import (
    Confirmation,
    Issue,
    ListDocument,
    ListLine,
    Mitigation,
    SourceList,
)
from formats.fhir.dosage_out import Json, dosage_elements, period
from formats.fhir.resources import (
    Product,
    actor_address,
    allergy,
    coded,
    coding,
    escaped,
    identifiers_of,
    medication,
    narrative,
    patient,
    practitioner,
    ref,
    source_resource,
    unknown,
    urn,
)
from formats.statement import Actor

__all__ = [
    "Confirmation",
    "Issue",
    "ListDocument",
    "ListLine",
    "Mitigation",
    "Product",
    "SourceList",
    "medication_list_document",
    "operation_outcome",
]

_LOINC = "http://loinc.org"
_LIST_CODES = "http://terminology.hl7.org/CodeSystem/list-example-use-codes"
_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_FLAGS = "urn:oid:1.2.36.1.2001.1001.101.104.16592"
_FLAG_WORDS = {
    "01": "Unchanged",
    "02": "Changed",
    "03": "Cancelled",
    "04": "Prescribed",
    "05": "Ceased",
    "06": "Suspended",
}
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_EMPTY_WORDS = {
    "nilknown": "Nil Known",
    "notasked": "Not Asked",
    "withheld": "Information Withheld",
    "unavailable": "Unavailable",
}


class _Writer:
    """Collects the resources of one document; the same address is written once."""

    def __init__(self, document: ListDocument) -> None:
        self.document = document
        self.entries: dict[str, Json] = {}
        self.subject = self.put(urn("patient", document.subject_id), patient(document.subject))
        self.device = self.put(
            urn("device", document.software),
            {
                "resourceType": "Device",
                "deviceName": [{"name": "medrec", "type": "user-friendly-name"}],
                "version": [{"value": document.software}],
            },
        )
        self.issues: dict[str, str] = {}

    def put(self, address: str, resource: Json) -> str:
        """Keep a resource under its address, and give the address."""
        self.entries.setdefault(address, resource)
        return address

    def person(self, actor: Actor) -> str:
        """The address of a health worker, written when first asked for."""
        return self.put(actor_address(actor), practitioner(actor))

    def product(self, product: Product) -> str:
        """The address of a medicine."""
        return self.put(product.address, medication(product))

    def own(self, *parts: str) -> str:
        """An address within this list."""
        return urn(self.document.base, self.document.list_id, *parts)


def medication_list_document(document: ListDocument) -> Json:
    """The Bundle of type document: Composition first, every reference inside it, every fullUrl once."""
    writer = _Writer(document)
    statements = _sources(writer)
    lines = [_line(writer, line, statements) for line in document.lines]
    issues = [_issue(writer, issue, statements) for issue in document.issues]
    allergies = [
        writer.put(writer.own("allergy", a.id or a.text, str(n)), allergy(a, writer.subject))
        for n, a in enumerate(document.allergies)
    ]
    reconciled = _reconciled(writer, lines)
    lists = [writer.own("source", s.key) for s in document.sources]
    _provenance(writer, [reconciled, *lines, *issues], lists)
    composition = _composition(writer, (lines, issues, lists, allergies))
    first = writer.own("composition", document.version)
    stamp = document.at.isoformat()
    return {
        "resourceType": "Bundle",
        "meta": {"lastUpdated": stamp},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": writer.own("bundle", document.version)},
        "type": "document",
        "timestamp": stamp,
        "entry": [
            {"fullUrl": first, "resource": composition},
            *({"fullUrl": address, "resource": resource} for address, resource in writer.entries.items()),
        ],
    }


def _sources(writer: _Writer) -> dict[str, str]:
    """Each source's List and what stands on it; statement id -> address."""
    addresses: dict[str, str] = {}
    for source in writer.document.sources:
        items: list[Json] = []
        for statement in source.statements:
            writer.product(Product.said(statement))
            if statement.author:
                writer.person(statement.author)
            address = writer.put(urn("statement", statement.id), source_resource(statement, writer.subject))
            addresses[statement.id] = address
            items.append({"item": ref(address)})
        told: Json = {
            "resourceType": "List",
            "identifier": [{"system": f"{writer.document.base}/source-list", "value": source.key}],
            "status": "current",
            "mode": "snapshot",
            "title": source.title,
            "code": coded(_LIST_CODES, "medications", "Medication List"),
            "subject": ref(writer.subject),
            "source": ref(writer.device),
        }
        if source.read_at:
            told["date"] = source.read_at.isoformat()
        if source.note:
            told["note"] = [{"text": source.note}]
        writer.put(writer.own("source", source.key), told | _items(items, source.empty_reason))
    return addresses


def _items(items: list[Json], reason: str) -> Json:
    """Never an empty list without a reason."""
    return {"entry": items} if items else {"emptyReason": coded(_EMPTY, reason, _EMPTY_WORDS.get(reason, ""))}


def _line(writer: _Writer, line: ListLine, statements: dict[str, str]) -> str:
    named = [*(("PLL", i) for i in line.treatment_ids), *(("ReseptId", i) for i in line.prescription_ids)]
    told: Json = {
        "resourceType": "MedicationStatement",
        "extension": [
            {"url": f"{writer.document.base}/StructureDefinition/reconciliation-state", "valueCode": line.state}
        ],
        "identifier": [{"system": f"{writer.document.base}/line", "value": line.id}, *identifiers_of(named)],
        "status": line.status,
        "category": coded("http://terminology.hl7.org/CodeSystem/medication-statement-category", "community"),
        "medicationReference": ref(writer.product(line.product)),
        "subject": ref(writer.subject),
        "effectivePeriod": period(line.start, line.end) or unknown(),
        "dateAsserted": (line.asserted or writer.document.at.date()).isoformat(),
    }
    if line.status_reason:
        told["statusReason"] = [{"text": line.status_reason}]
    if line.responsible:
        told["informationSource"] = ref(writer.person(line.responsible))
    if line.indication:
        told["reasonCode"] = [{"text": line.indication}]
    behind = [ref(statements[i]) for i in line.derived_from if i in statements]
    if behind:
        told["derivedFrom"] = behind
    doses = dosage_elements(line.text, line.dosage, needed=line.needed)
    if doses:
        told["dosage"] = doses
    return writer.put(writer.own("line", line.id), told)


def _issue(writer: _Writer, issue: Issue, statements: dict[str, str]) -> str:
    codes = [coding(_ACT, issue.act_code)] if issue.act_code else []
    codes.append(coding(f"{writer.document.base}/CodeSystem/discrepancy", issue.code))
    implicated = [writer.own("line", i) for i in issue.lines if any(line.id == i for line in writer.document.lines)]
    implicated += [statements[i] for i in issue.statements if i in statements]
    told: Json = {
        "resourceType": "DetectedIssue",
        "identifier": [{"system": f"{writer.document.base}/issue", "value": issue.id}],
        "status": "cancelled" if issue.withdrawn else "final",
        "code": {"coding": codes},
        "severity": issue.severity,
        "patient": ref(writer.subject),
        "identifiedDateTime": issue.identified.isoformat(),
        "author": ref(writer.device),
        "detail": issue.text,
    }
    if implicated:
        told["implicated"] = [ref(address) for address in dict.fromkeys(implicated)]
    if issue.mitigations:
        told["mitigation"] = [_mitigation(writer, m) for m in issue.mitigations]
    return writer.put(writer.own("issue", issue.id), told)


def _mitigation(writer: _Writer, done: Mitigation) -> Json:
    told: Json = {
        "action": coded(f"{writer.document.base}/CodeSystem/mitigation", done.code, done.text),
        "date": done.at.isoformat(),
    }
    return told | ({"author": ref(writer.person(done.by))} if done.by else {})


def _reconciled(writer: _Writer, lines: list[str]) -> str:
    items: list[Json] = []
    for line, address in zip(writer.document.lines, lines, strict=True):
        item: Json = {"flag": coded(_FLAGS, line.flag, _FLAG_WORDS.get(line.flag, "")), "item": ref(address)}
        items.append(item | ({"date": line.changed.isoformat()} if line.changed else {}))
    told: Json = {
        "resourceType": "List",
        "identifier": [{"system": f"{writer.document.base}/list", "value": writer.document.list_id}],
        "meta": {"versionId": writer.document.version},
        "status": "current",
        "mode": "snapshot",
        "title": "Avstemt legemiddelliste",
        "code": coded(_LIST_CODES, "medications", "Medication List"),
        "subject": ref(writer.subject),
        "date": writer.document.at.isoformat(),
        "source": ref(writer.device),
    }
    return writer.put(writer.own("list"), told | _items(items, writer.document.lines_empty))


def _provenance(writer: _Writer, targets: list[str], sources: list[str]) -> None:
    confirmation = writer.document.confirmation
    agents: list[Json] = [{"type": coded(_PARTICIPANT, "assembler", "Assembler"), "who": ref(writer.device)}]
    if confirmation:
        who = ref(writer.person(confirmation.by))
        agents.append({"type": coded(_PARTICIPANT, "verifier", "Verifier"), "who": who})
    told: Json = {
        "resourceType": "Provenance",
        "target": [ref(t) for t in targets],
        "recorded": writer.document.at.isoformat(),
        "activity": coded("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE", "create"),
        "agent": agents,
    }
    if sources:
        told["entity"] = [{"role": "source", "what": ref(s)} for s in sources]
    writer.put(writer.own("provenance", writer.document.version), told)


def _composition(writer: _Writer, parts: tuple[list[str], list[str], list[str], list[str]]) -> Json:
    document, confirmation = writer.document, writer.document.confirmation
    lines, issues, lists, allergies = parts
    final = bool(confirmation and confirmation.final)
    own = f"{document.base}/CodeSystem/section"
    told: Json = {
        "resourceType": "Composition",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": writer.own("composition", document.version)},
        "status": ("amended" if document.amended else "final") if final else "preliminary",
        "type": coded(_LOINC, "56445-0", "Medication summary Document"),
        "subject": ref(writer.subject),
        "date": document.at.isoformat(),
        "author": [ref(writer.device)],
        "title": "Avstemt legemiddelliste",
        "confidentiality": "N",
        "section": [
            _section(
                "Legemidler", coded(_LOINC, "10160-0", "History of Medication use Narrative"),
                _rows((x.product.name, x.text, x.state) for x in document.lines), lines, document.lines_empty,
            ),
            _section(
                "Avvik", coded(own, "discrepancies", "Avvik"),
                _rows((x.severity, x.text) for x in document.issues), issues, document.lines_empty,
            ),
            _section(
                "Kilder", coded(own, "sources", "Kilder"),
                _rows([*((x.title, x.note) for x in document.sources), *((g,) for g in document.gaps)]),
                lists, "unavailable",
            ),
            _section(
                "Allergier", coded(_LOINC, "48765-2", "Allergies and adverse reactions Document"),
                _rows((x.text, x.reaction or "") for x in document.allergies), allergies, document.allergies_empty,
            ),
        ],
    }  # fmt: skip
    if confirmation:
        mode = "professional" if final else "personal"
        party = ref(writer.person(confirmation.by))
        told["attester"] = [{"mode": mode, "time": confirmation.at.isoformat(), "party": party}]
        told["author"] = [ref(writer.device), party] if final else [ref(writer.device)]
    return told


def _section(title: str, code: Json, body: str, entries: list[str], reason: str) -> Json:
    told: Json = {"title": title, "code": code, "text": narrative(body or f"<p>{escaped(_EMPTY_WORDS[reason])}</p>")}
    if entries:
        return told | {"entry": [ref(e) for e in entries]}
    return told | _items([], reason)


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    cells = ["".join(f"<td>{escaped(cell)}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{c}</tr>' for c in cells)}</table>" if cells else ""


def operation_outcome(issues: list[tuple[str, str, str]]) -> Json:
    """An OperationOutcome of (severity, code, words): partial failures beside a list, and every error of the API."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": s, "code": c, "details": {"text": t}} for s, c, t in issues],
    }

"""Messages drawn from the official schemas, and written in every way XML allows.

`Draw` walks a schema: optional elements come or stay away, repeatable ones repeat, choices are chosen; codes come from
the national lists, now and then an unknown one or one in the words of another; texts have odd white space, days have
zones. `in_another_dress` writes the same message with other prefixes, orders of attributes, comments, character data
sections and encodings: what it says is not touched.
"""

import base64
import json
import random
import uuid
from functools import cache

from build_eresept import KARI, KITH, OLA, container, document, message, patient
from lxml import etree
from schema_tree import KITH_TYPES, W3, XSD, Schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"
CODES = XSD.parent / "codes.json"
M1 = f"{KITH}m1/2013-10-08"
LISTS = {
    "Bruk": "9101", "Tidsomrade": "8325", "FasteUkedager": "9082", "Reseptgruppe": "7421", "Kortdose": "7478",
    "LegemiddelformKort": "7448", "Legemiddelform": "7448", "StatusSok": "7407", "BytteresRekvirent": "1101",
    "InngaarIMultidose": "9103", "StatusTilForskrivningen": "9104", "Rolle": "7490", "EnhetPakning": "7452",
    "InngarMultidose": "1101",
}  # fmt: skip
INSIDE = {
    ("Listeelement", "Status"): "7408", ("Reseptinfo", "Status"): "7408", ("Seponering", "Arsak"): "7494",
    ("Tilbakekalling", "Arsak"): "7500", ("Listeelement", "Arsak"): "7500", ("EnkeltoppforingLIB", "Type"): "7491",
}  # fmt: skip
"""Code lists of elements whose name alone does not tell."""
CONTENTS = {"ReseptDokLegemiddelB64", "VarerIBrukB64", "UtleveringB64"}
SELDOM = {"PrisVare", "Refusjon", "Preparatomtaleavsnitt", "Pakningsinfo", "StatusSok", "Legemiddelblanding"}
UNITS = ("tablett", "kapsel", "ml", "IE", "dråpe", "(ikke angitt)", "Stk")
WORDS = (
    "tablett", "morgen", "kveld", "én", "½", "mg", "daglig", "ved behov", "for smerter", "mot høyt blodtrykk", "0,5",
    "1+0+1", "x2", "i 7 dager",
)  # fmt: skip
ZONES = ("", "", "Z", "+01:00", "+02:00", "-05:00")
DEEP = 6
USUAL = {
    "Dosering": 0.6, "Tidsomrade": 0.8, "Klokkeslett": 0.1, "Intervall": 0.1, "Infusjonshastighet": 0.05,
    "FastDose": 0.1, "Doseringsregel": 0.1,
}  # fmt: skip
"""How often some optional elements come: plain doses at parts of the day are what prescriptions hold."""


@cache
def code_lists():
    """The national code lists by number: {value: words}."""
    return {number: told["codes"] for number, told in json.loads(CODES.read_text(encoding="utf-8")).items()}


@cache
def schema_of(file: str) -> Schema:
    return Schema(XSD / file)


class Draw:
    """One message's luck: `seed` decides all of it."""

    def __init__(self, seed: str) -> None:
        self.luck = random.Random(seed)
        self.often = self.luck.choice((0.2, 0.5, 0.8))
        self.odd = self.luck.choice((0, 0.03, 0.1))
        self.unit = self.luck.choice(UNITS)
        self.prescriptions: list[str] = []

    # Structure

    def root(self, file: str, name: str) -> etree._Element:
        """An element `name` of the schema in `file`, with all there is in it."""
        schema = schema_of(file)
        return self._element(schema, schema.named("element", name), ())

    def _element(self, schema, node, above):
        if node.get("ref"):
            ns, local = schema.split(node, node.get("ref"))
            home = schema.of(ns)
            return self._element(home, home.named("element", local), above)
        name = node.get("name")
        element, path = etree.Element(f"{{{schema.ns}}}{name}"), (*above, name)
        inside = node.find(W3 + "complexType")
        if inside is not None:
            self._content(schema, inside, element, path)
            return element
        ns, local = schema.split(node, node.get("type"))
        if ns in {W3[1:-1], KITH_TYPES}:
            self._fill(element, local, path)
        else:
            home = schema.of(ns)
            self._content(home, home.named("complexType", local), element, path)
        return element

    def _content(self, schema, node, element, path):
        for part in node:
            kind = str(part.tag).removeprefix(W3)
            if kind == "element":
                element.extend(self._element(schema, part, path) for _ in range(self._times(part, path)))
            elif kind == "choice":
                for _ in range(self._times(part, path)):
                    self._content(schema, [self._chosen(part)], element, path)
            elif kind in {"sequence", "complexContent"}:
                for _ in range(self._times(part, path)):
                    self._content(schema, part, element, path)
            elif kind == "extension":
                ns, local = schema.split(part, part.get("base"))
                home = schema.of(ns)
                base = home.named("complexType", local)
                self._content(home, [] if base is None else base, element, path)
                self._content(schema, part, element, path)
            elif part.get("use") == "required":
                ns, local = schema.split(part, part.get("ref") or part.get("name"))
                element.set(f"{{{ns}}}{local}" if part.get("ref") else local, part.get("fixed") or "EPJ sak")
            elif kind == "attributeGroup":
                element.set("komponentID", self._number())

    def _chosen(self, choice):
        branches = [p for p in choice if p.tag in {W3 + "element", W3 + "sequence", W3 + "choice"}]
        names = [(p.get("name") or p.get("ref") or "").rpartition(":")[2] for p in branches]
        return self.luck.choices(branches, [0.1 if n in SELDOM else 1 for n in names])[0]

    def _times(self, part, path):
        least, most = int(part.get("minOccurs", 1)), part.get("maxOccurs", "1")
        name = (part.get("name") or part.get("ref") or "").rpartition(":")[2]
        if least == 0 and (name in SELDOM or path.count(name) > 1 or len(path) > DEEP * 2):
            return 0
        count = least
        if not count and self.luck.random() < USUAL.get(name, self.often):
            count = 1
        top = 4 if most == "unbounded" else int(most)
        while count and count < top and self.luck.random() < 0.3:
            count += 1
        return count

    # Values

    def _fill(self, element, kind, path):
        name, above = path[-1], path[-2] if len(path) > 1 else ""
        if name == "TypeId":
            number = {"HprId": "HPR", "HerId": "HER", "KonfLege": "HPR"}.get(above, self.luck.choice(("HPR", "HER")))
            element.attrib.update({"V": number, "DN": number})
        elif kind in {"CS", "CV"}:
            self._code(element, kind, name, above)
        elif kind in {"PQ", "MO"}:
            element.attrib.update(self._measure(name, plain=kind == "MO"))
        elif kind == "TS":
            element.set("V", self._day() if self.luck.random() < 0.7 else self._moment())
        elif kind == "URL":
            element.set("V", "tel:22222222")
        elif kind == "anyType":
            element.text = self._words(name)
        else:
            element.text = self._known(name, path) or self._plain(kind, name)

    def _known(self, name, path):
        """Text of an element by its name: numbers, ids, other documents."""
        luck, above = self.luck, path[-2] if len(path) > 1 else ""
        if name in CONTENTS:
            return base64.b64encode(in_another_dress(self._inner(name), luck)).decode()
        if name in {"NavnFormStyrke", "Navn"} and above != "Utleverer":
            form, strength = luck.choice(("Tab", "Depottab", "Mikst")), luck.choice(("500 mg", "2,5 mg", "10 mg/ml"))
            return f"Prøve{luck.randint(0, 99999)} {form} {strength}"
        if name == "ReseptId":
            self.prescriptions.append(self._number())
        known = {
            ("ReseptId", above): self.prescriptions[-1] if self.prescriptions else None,
            ("Id", "EnkeltoppforingLIB"): self._number(),
            ("Id", "Ident"): OLA if "Reseptinfo" in path else str(luck.randint(1_000_000, 9_999_999)),
            ("Varenr", above): luck.choice([f"{luck.randint(0, 999999):06d}"] * 9 + ["A12345", " 057932 "]),
            ("Fnr", above): OLA,
            ("OffId", above): OLA,
            ("AndreFnr", above): KARI,
            ("Pakningsstr", above): luck.choice(("100", "10x0,5")),
        }
        if name == "Id" and above in {"HprId", "HerId", "KonfLege", "Konsesjonsnr"}:
            return known["Id", "Ident"]
        return known.get(("Varenr" if name == "Nr" else name, above))

    def _inner(self, name):
        if name == "VarerIBrukB64":
            return etree.fromstring(pll(self))
        if name == "UtleveringB64":
            return self.root("eresept/ER-Utlevering-2013-10-08.xsd", "Utlevering")
        return self.root("eresept/ER-M1-2013-10-08.xsd", "ReseptDokLegemiddel")

    def _code(self, element, kind, name, above):
        luck, number = self.luck, INSIDE.get((above, name)) or LISTS.get(name)
        if name in {"Atc", "DrugId"}:
            value, words = luck.choice(("C07AB02", "N02BE01", "C03", "V03AX", "WITHOUT")), f"Stoff {luck.random()}"
        elif number:
            value, words = luck.choice(list(code_lists()[number].items()))
            if luck.random() < self.odd:
                value, words = luck.choice([("Z9", f"Ukjent {luck.random()}"), (value, f"Annet {luck.random()}")])
        else:
            value, words = str(luck.randint(100, 99999)), self._words(name).strip()
        element.attrib.update({"V": value, "DN": words})
        if kind == "CV" and luck.random() < 0.7:
            element.set("S", f"2.16.578.1.12.4.1.1.{number or 7180}")
        if kind == "CV" and luck.random() < self.odd:
            element.set("OT", self._words(name).strip())

    def _measure(self, name, *, plain):
        count = self.luck.choice(("1", "2", "0.5", "1.0", "10"))
        if not plain and self.luck.random() < self.odd:
            count = self.luck.choice(("INF", "1E2", "-1", "0"))
        units = ("Døgn", "Time", "Måned") if name in {"Intervall", "Tidsrom", "DoseIntervallMin"} else UNITS
        unit = self.unit if units is UNITS and self.luck.random() < 0.8 else self.luck.choice(units)
        return {"V": count, "U": unit}

    def _plain(self, kind, name):
        luck = self.luck
        if kind in {"date", "dateTime"}:
            return self._day() if kind == "date" else self._moment()
        if kind in {"ID", "IDREF", "NCName"}:
            return f"ID_{self._number().upper()}"
        return {
            "boolean": luck.choice(("true", "false", "1", "0")),
            "time": luck.choice(("08:00:00", "20:30:00", "00:00:00.5", "07:00:00+01:00")),
            "int": str(luck.choice((0, 1, 3, 12))),
            "integer": str(luck.choice((0, 1, 3, 12))),
            "INT": str(luck.choice((0, 1, 3, 12))),
            "decimal": luck.choice(("1", "2", "0.5", "100")),
            "double": luck.choice(("1", "0.5")),
            "duration": "P1Y",
            "gYear": "1999",
            "anyURI": "urn:prove",
        }.get(kind) or self._words(name)

    def _number(self):
        return str(uuid.UUID(int=self.luck.getrandbits(128), version=4))

    def _day(self):
        luck = self.luck
        if luck.random() < self.odd:
            return luck.choice(("9999-12-31", "0001-01-01", "2024-02-29"))
        zone = luck.choice(ZONES) if luck.random() < 0.3 else ""
        return f"{luck.randint(2019, 2027)}-{luck.randint(1, 12):02d}-{luck.randint(1, 28):02d}{zone}"

    def _moment(self):
        luck, day = self.luck, self._day()[:10]
        clock = luck.choice(("00:00:00", "23:30:00", "08:15:00.1234567", "12:00:00.5"))
        if luck.random() < self.odd:
            clock = luck.choice(("24:00:00", "23:59:59.99999999999"))
        return f"{day}T{clock}{luck.choice(ZONES)}"

    def _words(self, name):
        luck = self.luck
        said = f"{name} {' '.join(luck.choices(WORDS, k=luck.randint(1, 6)))} {luck.randint(0, 99999)}"
        if luck.random() >= self.odd:
            return said
        odd = (
            f"  {said} ",
            said.replace(" ", "\n", 1),
            said.replace(" ", "\t"),
            f"{said} <&> \"']]>",
            f"{said} \u2028💊",
        )
        return luck.choice((*odd, f"\u00a0{said}", said * 40, "", " "))


# Whole messages


def pll(draw: Draw, kind: str = "m251") -> bytes:
    body = draw.root(f"eresept/ER-{kind.upper()}-2013-10-08.xsd", "LegemidlerIBruk")
    return message(f"ER{kind.upper()}", document(_text(body)), about=patient())


def prescription(draw: Draw, number: str) -> bytes:
    body = draw.root("eresept/ER-M1-2013-10-08.xsd", "Resept")
    return message("ERM1", document(_text(body)), msg_id=number, about=patient())


def prescriptions(draw: Draw, version: str) -> bytes:
    """M9.6 with most of its prescriptions attached."""
    body = draw.root(f"eresept/ER-M96-{version}.xsd", "M96")
    listed = [number for number in draw.prescriptions if draw.luck.random() < 0.9]
    attached = (container(in_another_dress(etree.fromstring(prescription(draw, n)), draw.luck)) for n in listed)
    return message("ERM96", document(_text(body)), *map(document, attached))


def single(draw: Draw, kind: str, file: str, root: str) -> bytes:
    return message(kind, document(_text(draw.root(file, root))), about=patient())


def care(draw: Draw) -> bytes:
    file = "plo/v1.6/MedisinskeOpplysninger-v1.6.xsd"
    return single(draw, "MEDISINSKE_OPPLYSNINGER", file, "OverforingMedisinskeOpplysninger")


def extract(draw: Draw) -> bytes:
    medicines = draw.root("felleskomponenter/EPJ-legemiddel-mv.xsd", "Legemidler")
    node = draw.root("felleskomponenter/EPJEkstrakt.xsd", "Node")
    return message("EPJ-EKSTRAKT", document(_text(node)), document(_text(medicines)), about=patient())


def _text(element) -> str:
    return etree.tostring(element, encoding="unicode")


KINDS = {
    "m1": lambda d: prescription(d, d._number()),
    "m96_2021": lambda d: prescriptions(d, "2021-02-01"),
    "m96_2018": lambda d: prescriptions(d, "2018-07-01"),
    "m96_2015": lambda d: prescriptions(d, "2015-05-01"),
    "m251": pll,
    "m253": lambda d: pll(d, "m253"),
    "m912_2021": lambda d: single(d, "ERM912", "eresept/ER-M912-2021-10-01.xsd", "M912"),
    "m912_2014": lambda d: single(d, "ERM912", "eresept/ER-M912-2014-01-21.xsd", "M912"),
    "m10": lambda d: single(d, "ERM10", "eresept/ER-M10-2013-10-08.xsd", "Utleveringsrapport"),
    "m6": lambda d: single(d, "ERM6", "eresept/ER-M6-2013-10-08.xsd", "UtleveringsrapportRekvirent"),
    "care": care,
    "extract": extract,
    "epikrise": lambda d: etree.tostring(d.root("epikrise/Epikrise-v1.2.xsd", "Message")),
}


# The same in another dress


def in_another_dress(root: etree._Element, luck: random.Random) -> bytes:
    """The same message in other bytes: prefixes, order of attributes, white space between elements, encoding."""
    space, comments = luck.choice(("", "\n", " \t\r\n ")), luck.random() < 0.4
    encoding = luck.choice(("UTF-8", "UTF-8", "UTF-16", "ISO-8859-1"))
    made = _dressed(root, None, luck, space, comments=comments, sections=encoding != "ISO-8859-1")
    if luck.random() < 0.3:
        made.set(f"{{{XSI}}}schemaLocation", "urn:a a.xsd")
    return etree.tostring(made, encoding=encoding, xml_declaration=True)


def _dressed(old, parent, luck, space, *, comments, sections):
    """`sections`: character data sections may be used; an encoding without a letter writes none into them."""
    prefix = None if luck.random() < 0.5 and old.nsmap else f"p{luck.randint(0, 99)}"
    known = {etree.QName(old).namespace: prefix}
    nsmap = {p: ns for ns, p in known.items() if ns}
    made = etree.Element(old.tag, nsmap=nsmap) if parent is None else etree.SubElement(parent, old.tag, nsmap=nsmap)
    attributes = list(old.attrib.items())
    luck.shuffle(attributes)
    made.attrib.update(attributes)
    text = old.text or ""
    if len(old) and not text.strip():
        made.text = space
    elif sections and text and "]]>" not in text and luck.random() < 0.2:
        made.text = etree.CDATA(text)
    else:
        made.text = old.text
        if comments and len(text) > 1 and not len(old) and luck.random() < 0.2:
            made.text = text[:1]
            cut = etree.Comment(" <Fnr>0</Fnr> ") if luck.random() < 0.5 else etree.ProcessingInstruction("p", "x")
            cut.tail = text[1:]
            made.append(cut)
    for kid in old:
        if comments and luck.random() < 0.1:
            made.append(etree.Comment(" her "))
        _dressed(kid, made, luck, space, comments=comments, sections=sections).tail = kid.tail or space
    return made

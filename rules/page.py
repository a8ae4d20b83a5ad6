"""The page of a rule, read from its docstring: meaning, why, exceptions, examples as tables, source.

```
Betydning: one or more lines.

Hvorfor: ...

Kjente unntak: ...

Eksempel: fast resept er utløpt
    I dag: 2026-03-02
    Kilder: HP feilet
    CAVE: GP Penicillin (J01C)
    | kilde | art   | navn          | stoff        | atc     | styrke    | dose | dato       | gyldig til |
    | RF    | resept| Levaxin 75 ug | levotyroksin | H03AA01 | 75 mikrog | 1x1  | 2024-12-01 | 2025-12-01 |
    => B05 low GP

Eksempel: ...
    | ... |
    => ikke B05

Kilde: ...
```
A row is one statement; columns, in any order, are those of `COLUMNS` (missing: `vei` oral, `frisetting` plain, `type`
kopi for rolls, home lists and local additions, else beslutning, `status` aktiv). The first paragraph may stand without
its heading. Empty cells are not said. `=> CODE severity owner` fires, `=> ikke CODE` does not,
`=> CODE dempet av OTHER` fires but another flag speaks for it.
"""

import re
from dataclasses import dataclass

REQUIRED = ("Betydning", "Hvorfor", "Kjente unntak", "Eksempel", "Kilde")
COLUMNS = {
    "kilde": "src",
    "art": "kind",
    "navn": "name",
    "stoff": "sub",
    "atc": "atc",
    "vei": "route",
    "frisetting": "rel",
    "styrke": "str",
    "form": "form",
    "dose": "dose",
    "dato": "dec",
    "lagret": "recorded",
    "type": "t",
    "status": "st",
    "endring": "change",
    "grunn": "reason",
    "bruk": "use",
    "start": "start",
    "slutt": "end",
    "gjenoppta": "resume",
    "gyldig til": "valid_to",
    "utlevert": "disp",
    "resept": "rx",
    "pakket": "packed",
    "neste rull": "next_roll",
    "indikasjon": "indication",
    "av": "by",
    "vare": "varenr",
    "inngrep": "intervention",
}
"""Column heading -> short name of the worked cases. Values are those of the worked cases; `stoff` divided by commas."""

_WORDS = {
    "status": {
        "active": "i bruk",
        "stopped": "seponert",
        "paused": "pauset",
        "revoked": "tilbakekalt",
        "finished": "ferdig ekspedert",
    },
    "bruk": {"prn": "ved behov"},
    "frisetting": {"plain": "vanlig", "prolonged": "depot"},
    "vei": {"oral": "gjennom munnen", "eye": "i øyet", "injection": "injeksjon", "skin-local": "på huden"},
}
"""What a reader sees for the values of the worked cases. The page is Bokmål."""
_HEAD = re.compile(r"(Betydning|Hvorfor|Kjente unntak|Eksempel|Kilde): ?(.*)")
_VERDICT = re.compile(r"=> (?:(?P<no>ikke) )?(?P<code>[A-G]\d\d)(?: dempet av (?P<by>[A-G]\d\d))?(?P<rest>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One worked example: `rows` are the statements (column -> text), `facts` the lines above the table (name, text).

    `expects` holds severity and owner where the page names them.
    """

    title: str
    rows: tuple[dict[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    fires: bool
    expects: tuple[str, ...] = ()
    suppressed_by: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings of all columns with something in them, in the order they are first said."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The rows as a reader sees them: a cell for each of `columns`, in Norwegian words, "" if not said."""
        return tuple(tuple(_word(name, row.get(name, "")) for name in self.columns) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a pharmacist reads. Texts are Bokmål, as written."""

    meaning: str
    why: str
    exceptions: str
    examples: tuple[Example, ...]
    source: str


def _word(column: str, cell: str) -> str:
    return _WORDS.get(column, {}).get(cell, cell)


def read_page(code: str, text: str) -> Page:
    """The page in a rule's docstring. Raises ValueError where a section is missing, empty or can't be read."""
    sections = _sections(text)
    for name in REQUIRED:
        if not any(head == name and body.strip() for head, body in sections):
            msg = f"{code}: the page lacks «{name}»"
            raise ValueError(msg)
    told = {head: " ".join(body.split()) for head, body in sections if head != "Eksempel"}
    return Page(
        meaning=told["Betydning"],
        why=told["Hvorfor"],
        exceptions=told["Kjente unntak"],
        examples=tuple(_example(code, body) for head, body in sections if head == "Eksempel"),
        source=told["Kilde"],
    )


def _sections(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        hit = _HEAD.fullmatch(line.strip())
        if hit:
            found.append((hit[1], [hit[2]]))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            found.append(("Betydning", [line]))
    return [(head, "\n".join(lines)) for head, lines in found]


def _example(code: str, body: str) -> Example:
    title, *lines = [line.strip() for line in body.splitlines()]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    table = [row for row in table if not all(re.fullmatch(r"-+", cell) for cell in row)]
    facts = [tuple(line.split(":", 1)) for line in lines if re.match(r"(?!\||=>)[^:|]+:", line)]
    verdict = next((hit for line in lines if (hit := _VERDICT.fullmatch(line))), None)
    if verdict is None or verdict["code"] != code or any(len(row) != len(table[0]) for row in table):
        msg = f"{code}: example «{title}» is not complete"
        raise ValueError(msg)
    return Example(
        title=title,
        rows=tuple({name: cell for name, cell in zip(table[0], row, strict=True) if cell} for row in table[1:]),
        facts=tuple((name.strip(), told.strip()) for name, told in facts),
        fires=not verdict["no"],
        expects=tuple(verdict["rest"].split()),
        suppressed_by=verdict["by"] or "",
    )

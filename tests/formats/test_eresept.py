"""From e-prescription message to statement, as the mapping table says it."""

from datetime import date
from decimal import Decimal

import pytest
from build_eresept import (
    KARI,
    KITH,
    LINE,
    OLA,
    RF,
    RX,
    code,
    container,
    document,
    dosering,
    element,
    fixed,
    forskrivning,
    given_out,
    line,
    m1,
    m5,
    m7,
    m10,
    m25,
    m52,
    m96,
    m98,
    m912,
    medicine,
    message,
    needed,
    package,
    patient,
    recalled,
    stopped,
    supply,
    tag,
    word,
)

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Dosage,
    Every,
    FixedPlusNeeded,
    PartOfDay,
    PerDay,
    PeriodUnit,
    Slots,
    Steps,
    Weekday,
    Weekdays,
)
from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.remembered import Recent
from formats.statement import AsideReason, GapCode, Kind, Reach, SaidStatus, Source, StatementType, Use


def prescriptions(reading):
    return [s for s in reading.statements if s.kind is Kind.PRESCRIPTION]


def refusal(raw):
    with pytest.raises(FormatError) as refused:
        read(raw)
    return refused.value


# M9.6: status and recall


@pytest.mark.parametrize(
    ("status", "inside", "expected"),
    [
        ("E", (), SaidStatus.ACTIVE),
        ("U", (), SaidStatus.ACTIVE),
        ("R", (), SaidStatus.FINISHED),
        ("F", (), SaidStatus.EXPIRED),
        ("A", (), SaidStatus.REVOKED),
        ("X", (), SaidStatus.REVOKED),
        ("B", (), None),
        ("H", (), None),
        ("Q", (), None),
        ("T", (recalled("1"),), SaidStatus.REPLACED),
        ("T", (recalled("3"),), SaidStatus.REPLACED),
        ("T", (recalled("2"),), SaidStatus.STOPPED),
        ("T", (recalled("4"),), SaidStatus.REVOKED),
        ("T", (recalled("77"),), SaidStatus.REVOKED),
        ("T", (), SaidStatus.REVOKED),
    ],
)
def test_status_7408_with_reason_7500(status, inside, expected):
    reading = read(m96(element(1, status, *inside), attached=(m1(1),)))
    assert [s.status for s in reading.statements] == [expected]


def test_unknown_status_is_kept_verbatim():
    told = read(
        m96(tag("Listeelement", word("ReseptId", RX.format(1)), code("Status", "Q", "Ny ting")), attached=(m1(1),))
    )
    assert ("Q", "Ny ting") in {(c.value, c.text) for c in told.statements[0].codes}


def test_a_recall_for_discontinuation_is_dated_by_the_recall():
    told = read(m96(element(1, "T", recalled("2", "2026-02-20T10:00:00+01:00")), attached=(m1(1),))).statements[0]
    assert (told.status, told.decided, told.recorded) == (SaidStatus.STOPPED, date(2026, 2, 20), date(2026, 2, 1))
    assert told.reason == "Seponering"


def test_a_renewal_links_both_ways_and_is_a_copy_only_with_the_same_dose_text():
    before = tag("Fornying", word("ForrigeReseptId", RX.format(1)))
    after = tag("Fornying", word("NyReseptId", RX.format(2)))
    for text, kind in (("1 tablett morgen", StatementType.COPY), ("2 tabletter morgen", None)):
        new = m1(2, medicine(forskrivning(text=text)))
        reading = read(m96(element(1, "T", recalled("1"), after), element(2, "E", before), attached=(m1(1), new)))
        assert prescriptions(reading)[1].replaces == (RX.format(1),)
        assert prescriptions(reading)[1].type is kind


def test_the_recalled_prescription_alone_can_say_what_replaced_it():
    after = tag("Fornying", word("NyReseptId", RX.format(2)))
    reading = read(m96(element(1, "T", recalled("3"), after), element(2), attached=(m1(1), m1(2))))
    assert prescriptions(reading)[1].replaces == (RX.format(1),)


def test_a_discontinuation_beside_a_prescription_in_force_is_told_apart():
    reading = read(m96(element(1, "E", stopped("2026-02-25T00:00:00+01:00")), attached=(m1(1),)))
    rx, stop = reading.statements
    assert (rx.kind, rx.status) == (Kind.PRESCRIPTION, SaidStatus.ACTIVE)
    assert (stop.kind, stop.status, stop.decided) == (Kind.PLL, SaidStatus.STOPPED, date(2026, 2, 25))
    assert stop.prescription_id == rx.prescription_id


@pytest.mark.parametrize(("flag", "gap"), [("LastResept", GapCode.LOCKED), ("Pasientreservasjon", GapCode.RESERVED)])
def test_what_the_registry_leaves_out_is_a_limiting_gap(flag, gap):
    reading = read(m96(word(flag, "true"), element(1), attached=(m1(1),)))
    assert [g.code for g in reading.gaps] == [gap]
    assert not reading.complete
    assert read(m96(word(flag, "false"), element(1), attached=(m1(1),))).complete


def test_a_search_that_failed_is_no_empty_list():
    assert read(m96(code("StatusSok", "4", "Ingen resept"))).complete
    assert [g.code for g in read(m96(code("StatusSok", "2", "Ugyldig"))).gaps] == [GapCode.FAILED]


def test_a_prescription_not_attached_is_never_lost():
    named = read(m96(element(1, "E", given_out("Annetol Tab 20 mg"))))
    assert [s.name for s in prescriptions(named)] == ["Annetol Tab 20 mg"]
    nameless = read(m96(element(1)))
    assert [u.reason for u in nameless.unread] == ["prescription without content"]
    assert [g.code for g in nameless.gaps] == [GapCode.PARTIAL]


def test_a_prescription_attached_and_not_listed_is_told_too():
    reading = read(m96(element(1), attached=(m1(1), m1(2))))
    assert [s.prescription_id for s in prescriptions(reading)] == [RX.format(1), RX.format(2)]


def test_dispensings_of_a_list_are_copies_with_their_date():
    reading = read(
        m96(element(1, "U", given_out(total="2"), given_out("Byttemerke Tab 50 mg", "990003")), attached=(m1(1),))
    )
    given = [s for s in reading.statements if s.kind is Kind.DISPENSING]
    assert [(s.varenr, s.last_dispensed, s.type) for s in given] == [
        ("990001", date(2026, 2, 3), StatementType.COPY),
        ("990003", date(2026, 2, 3), StatementType.COPY),
    ]
    assert reading.statements[0].last_dispensed == date(2026, 2, 3)


@pytest.mark.parametrize(("total", "left"), [(None, 3), ("1", 3), ("2", 2), ("4", 0), ("1.5", None)])
def test_refills_left_counts_dispensings_beyond_the_first(total, left):
    inside = () if total is None else (given_out(total=total),)
    assert read(m96(element(1, "U", *inside), attached=(m1(1),))).statements[0].refills_left == left


def test_packs_of_another_size_say_nothing_of_the_refills_left():
    halves = given_out("Byttemerke Tab 50 mg", "990003", total="4").replace('V="100" U="stk"', 'V="50" U="STK"')
    equal = given_out("Byttemerke Tab 50 mg", "990003", total="4")
    left = [read(m96(element(1, "U", one), attached=(m1(1),))).statements[0].refills_left for one in (halves, equal)]
    assert left == [None, 0]


def test_a_list_speaks_for_all_prescriptions_and_a_prescription_alone_does_not():
    assert read(m96(element(1), attached=(m1(1),))).reach is Reach.WHOLE
    assert read(m1(1)).reach is Reach.EVENT


@pytest.mark.parametrize("version", ["2009-03-18", "2015-05-01", "2018-07-01", "2021-02-01"])
def test_every_version_of_the_list(version):
    row = element(1)
    if version == "2009-03-18":
        row = tag("Listeelement", tag("Reseptinfo", code("Status", "E")), word("ReseptId", RX.format(1)))
    reading = read(m96(row, attached=(m1(1),), version=version))
    assert reading.message == f"M9.6/{version}"
    assert [s.status for s in reading.statements] == [SaidStatus.ACTIVE]


def test_flagged_recall_while_under_dispensing_stays_in_force():
    row = element(1, "U", word("TilbakekallingStatus", "true"), code("Arsak", "2", "Seponering"))
    told = read(m96(row, attached=(m1(1),), version="2015-05-01")).statements[0]
    assert (told.status, told.reason) == (SaidStatus.ACTIVE, "Seponering")


# Whose it is


def test_a_prescription_of_another_person_in_the_list_is_refused():
    refused = refusal(m96(element(1), attached=(m1(1, about=patient(KARI)),)))
    assert refused.code is ErrorCode.TWO_PERSONS
    assert "Document[2]" in refused.place
    assert KARI not in str(refused)


def test_an_earlier_number_of_the_same_person_is_no_other_person():
    reading = read(m96(element(1), attached=(m1(1, about=patient(KARI)),), more=KARI))
    assert [i.value for i in reading.person.identifiers] == [OLA, KARI]
    assert reading.person.name == "Ola Prøve"


def test_a_number_with_wrong_check_digits_is_told_and_never_printed():
    wrong = OLA[:-1] + str((int(OLA[-1]) + 1) % 10)
    reading = read(m1(1, about=patient(wrong)))
    assert reading.breaches
    assert wrong not in "".join(reading.breaches)


def test_two_prescriptions_under_one_id_are_refused():
    other = m1(1, medicine(forskrivning(text="3 tabletter")))
    assert refusal(m96(element(1), attached=(m1(1), other))).code is ErrorCode.DUPLICATE_ID
    assert len(read(m96(element(1), attached=(m1(1), m1(1)))).statements) == 1


# M1: the medicine


def test_a_prescription_in_full():
    told = read(m1(7, medicine(care="90123", remark="Deles"))).statements[0]
    assert (told.name, told.atc, told.varenr, told.form, told.form_code) == (
        "Eksempelol Tab 50 mg",
        "C07AB02",
        "990001",
        "Tablett",
        "53",
    )
    assert (told.strength, told.dose_text, told.use) == ("50 mg", "1 tablett morgen", Use.FIXED)
    assert (told.decided, told.valid_to) == (date(2026, 2, 1), date(2027, 2, 1))
    assert (told.prescription_id, told.administered_by) == (RX.format(7), "90123")
    assert (told.exchange_reserved, told.quantity, told.note) == (True, "1 x 100 stk", "Deles")
    assert (told.author.hpr, told.author.her_id, told.author.name) == ("9000001", "8000101", "Anne Berg")
    assert told.read_dose.text == told.dose_text


def test_text_is_kept_as_said():
    told = read(m1(1, medicine(forskrivning(text="\n1 tbl   mane\n  ved behov ")))).statements[0]
    assert told.dose_text == "\n1 tbl   mane\n  ved behov "


def test_a_short_dose_speaks_where_no_text_is():
    short = tag("Kortdose", V="216", DN="1+0+1", OT="1 tablett morgen og kveld", S="2.16.578.1.12.4.1.1.7478")
    assert (
        read(m1(1, medicine(forskrivning(text=None, short=short)))).statements[0].dose_text
        == "1 tablett morgen og kveld"
    )


def test_supplies_are_told_and_set_aside():
    told = read(m1(1, supply())).statements[0]
    assert (told.name, told.aside) == ("Bandasje 10 x 10 cm", AsideReason.SUPPLY)


@pytest.mark.parametrize("use", ["4", "5", "99"])
def test_uses_without_a_field_are_kept_as_codes(use):
    told = read(m1(1, medicine(forskrivning(use=use)))).statements[0]
    assert told.use is None
    assert use in {c.value for c in told.codes}


def test_codes_without_shape_are_kept_verbatim():
    told = read(m1(1, medicine(forskrivning(package(atc="WITHOUT", varenr="12 34 56 78"))))).statements[0]
    assert (told.atc, told.varenr) == (None, None)
    assert {"WITHOUT", "12 34 56 78"} <= {c.value for c in told.codes}


def test_a_blend_names_its_substances():
    part = tag(
        "BestanddelVirkestoff",
        tag("Virkestoff", word("Id", "ID_667FA975-A8EC-4CF8-A89E-96F97808E3AD"), word("Navn", "Morfin")),
        tag("MengdeBestanddel", tag("Mengde", V="10", U="mg")),
    )
    blend = tag(
        "Legemiddelblanding",
        word("Navn", "Blanding med morfin 10 mg/ml"),
        word("TilbOppl", "til pumpe"),
        tag("Mengde", V="100", U="ml"),
        code("Legemiddelform", "95", "Infusjonsvæske"),
        part,
    )
    told = read(m1(1, medicine(forskrivning(blend)))).statements[0]
    assert (told.name, told.substances) == ("Blanding med morfin 10 mg/ml", ("Morfin",))
    assert told.note == "til pumpe\nMorfin 10 mg"


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("Eksempelol Depottab 47,5 mg", "47,5 mg"),
        ("Todelt Tab 16 mg/12,5 mg", "16 mg/12,5 mg"),
        ("Væskeol Mikst 1,7 mg/ml", "1,7 mg/ml"),
        ("Vitamin B12 Tab", None),
        ("Insulinol Inj 100 E/ml penn", None),
    ],
)
def test_strength_is_the_end_of_the_name_where_that_is_one(name, strength):
    assert read(m1(1, medicine(forskrivning(package(name))))).statements[0].strength == strength


def test_a_value_cut_by_a_comment_is_whole():
    raw = m1(1).replace(b"1 tablett morgen", b"1 tablett <!-- ikke --> morgen<?x y?>")
    assert read(raw).statements[0].dose_text == "1 tablett  morgen"


def test_prefixes_mean_nothing():
    raw = m1(1).replace(b'<Resept xmlns="', b'<zz:Resept xmlns:zz="').replace(b"</Resept>", b"</zz:Resept>")
    for name in (
        b"Forskrivningsdato",
        b"Utloper",
        b"OppdatertFest",
        b"ReseptDokLegemiddel",
        b"Varegruppekode",
        b"Antall",
    ):
        raw = raw.replace(b"<" + name, b"<zz:" + name).replace(b"</" + name, b"</zz:" + name)
    for name in (b"RefKode", b"Reiterasjon", b"BytteresRekvirent"):
        raw = raw.replace(b"<" + name, b"<zz:" + name).replace(b"</" + name, b"</zz:" + name)
    assert [s.id for s in read(raw).statements] == [s.id for s in read(m1(1)).statements]


# Dates


def test_a_date_that_is_none_where_one_must_be_refuses_the_message():
    refused = refusal(m1(1, on="2026-02-30"))
    assert refused.code is ErrorCode.BAD_DATE
    assert refused.place.endswith("/Resept/Forskrivningsdato")


def test_a_date_that_is_none_where_one_may_be_is_kept():
    reading = read(m96(element(1, "T", recalled("2", at="i går")), attached=(m1(1),)))
    assert reading.statements[0].status is SaidStatus.STOPPED
    assert reading.statements[0].decided is None
    assert ("bad-date", "i går") in {(u.reason, u.text) for u in reading.unread}


# Structured dosing


def one(number):
    return Amount.of(number)


@pytest.mark.parametrize(
    ("given", "dosage"),
    [
        ((fixed("1", part="1"),), Dosage(unit="tablett", schedule=Slots(((PartOfDay.MORNING, one(1)),)))),
        (
            (fixed("1", part="5"), fixed("0.5", part="1")),
            Dosage(unit="tablett", schedule=Slots(((PartOfDay.MORNING, one("0.5")), (PartOfDay.EVENING, one(1))))),
        ),
        ((fixed("2", every="1 Døgn"),), Dosage(dose=one(2), unit="tablett", schedule=PerDay(1, 1))),
        ((fixed("2"), fixed("2")), Dosage(dose=one(2), unit="tablett", schedule=PerDay(2, 2))),
        ((fixed("1", every="2 Døgn"),), Dosage(dose=one(1), unit="tablett", schedule=Every(2, 2, PeriodUnit.DAY))),
        ((fixed("10", "IE", every="8 Time"),), Dosage(dose=one(10), unit="E", schedule=Every(8, 8, PeriodUnit.HOUR))),
        (
            (fixed("1", days="14", part="1"),),
            Dosage(
                unit="tablett",
                schedule=Weekdays(((Weekday.MONDAY, one(1)), (Weekday.THURSDAY, one(1))), PartOfDay.MORNING),
            ),
        ),
        (
            (needed("1", "4"),),
            Dosage(dose=one(1), unit="tablett", schedule=AsNeeded(), prn=True, ceiling=Ceiling(Decimal(4))),
        ),
        (
            (needed("1", "4", span="6"),),
            Dosage(
                dose=one(1),
                unit="tablett",
                schedule=Every(6, 6, PeriodUnit.HOUR),
                prn=True,
                ceiling=Ceiling(Decimal(4)),
            ),
        ),
    ],
)
def test_structured_dosing(given, dosage):
    told = read(m1(1, medicine(forskrivning(dosing=dosering(*given))))).statements[0]
    assert told.dosage == dosage


def test_clock_times_stand_in_order():
    given = dosering(fixed("1", clock="20:00:00"), fixed("2", clock="08:00:00"))
    schedule = read(m1(1, medicine(forskrivning(dosing=given)))).statements[0].dosage.schedule
    assert isinstance(schedule, Clock)
    assert [(at.hour, amount) for at, amount in schedule.amounts] == [(8, one(2)), (20, one(1))]


def test_successive_periods_are_steps_and_an_as_needed_part_stands_beside_the_fixed_one():
    steps = dosering(fixed("2", part="1"), starts="2026-02-01", ends="2026-02-08") + dosering(
        fixed("1", part="1"), starts="2026-02-08"
    )
    told = read(m1(1, medicine(forskrivning(dosing=steps)))).statements[0]
    assert isinstance(told.dosage.schedule, Steps)
    assert [s.length and s.length.low for s in told.dosage.schedule.steps] == [7, None]
    assert told.start == date(2026, 2, 1)
    beside = dosering(fixed("1", part="1")) + dosering(needed("1", "2"))
    told = read(m1(1, medicine(forskrivning(dosing=beside)))).statements[0]
    assert isinstance(told.dosage.schedule, FixedPlusNeeded)
    assert not told.dosage.prn


@pytest.mark.parametrize(
    "dosing",
    [
        dosering(fixed("1", part="9")),
        dosering(fixed("1", every="2 Skritt")),
        dosering(fixed("1", part="1"), fixed("1", "ml", part="5")),
        dosering(fixed("en", part="1")),
        dosering(fixed("1", part="1"), starts="2026"),
        dosering(fixed("1", part="1")) + dosering(fixed("1", part="5")),
        dosering(fixed("1", part="1"), needed("1", "2")),
        dosering(fixed("NaN", part="1")),
        dosering(fixed("-1", part="1")),
        dosering(fixed("1", part="1"), fixed("2", part="1")),
    ],
)
def test_structure_that_has_no_exact_reading_is_kept_and_never_guessed(dosing):
    reading = read(m1(1, medicine(forskrivning(dosing=dosing))))
    assert reading.statements[0].dosage is None
    assert [u.reason for u in reading.unread] == ["structured dosing not understood"]
    assert reading.statements[0].dose_text == "1 tablett morgen"


def test_a_scheme_elsewhere_is_said():
    assert read(m1(1, medicine(forskrivning(scheme=True)))).statements[0].scheme


# M25 and M9.12


def test_the_same_list_is_the_gps_when_sent_and_the_registrys_when_fetched():
    sent, fetched = read(m25(line(1))), read(m912(m25(line(1))))
    assert [(s.source, s.kind) for s in sent.statements] == [(Source.GP, Kind.GP_LIST)]
    assert [(s.source, s.kind) for s in fetched.statements] == [(Source.RF, Kind.PLL)]
    assert fetched.kinds == (Kind.PLL,)


def test_a_line_is_dated_by_itself_and_never_by_the_message():
    told = read(m25(line(1, changed="2026-01-15T23:30:00"))).statements[0]
    assert (told.decided, told.recorded, told.type) == (date(2026, 1, 15), date(2026, 1, 15), None)
    assert (told.treatment_id, told.prescription_id) == (LINE.format(1), RX.format(1))
    assert told.author.hpr == "9000001"


def test_a_medical_change_is_a_decision():
    assert read(m25(line(1, mid=word("MedEndring", "true")))).statements[0].type is StatementType.DECISION


def test_a_discontinuation_that_has_come_and_one_that_lies_ahead():
    come, ahead = read(
        m25(line(1, None, stopped("2026-02-20T00:00:00")), line(2, None, stopped("2026-04-01T00:00:00")))
    ).statements
    assert (come.status, come.decided, come.end) == (SaidStatus.STOPPED, date(2026, 2, 20), date(2026, 2, 19))
    assert (ahead.status, ahead.decided, ahead.end) == (SaidStatus.ACTIVE, date(2026, 2, 20), date(2026, 3, 31))
    assert come.type is ahead.type is StatementType.DECISION
    assert come.reason == "Legemiddelreaksjon\nsvimmel"


def test_what_was_packed_is_multidose_with_its_dates():
    packed = tag("SisteUtlevering", word("DatoForsteDose", "2026-03-02"), word("DatoSisteDose", "2026-03-15"))
    roll = m25(line(1, None, packed, mid=code("InngarMultidose", "1", "Ja")), kind="m253", sender=RF)
    told = read(m912(roll)).statements[0]
    assert (told.kind, told.packed, told.next_roll) == (Kind.MULTIDOSE, date(2026, 3, 2), date(2026, 3, 16))
    assert told.in_multidose
    assert told.type is StatementType.COPY


def test_questions_are_notes_and_never_judged():
    asked = tag(
        "Sporsmal",
        code("Kode", "1", "Skal legemidlet pakkes?"),
        word("Tidspunkt", "2026-02-20T12:00:00"),
        word("Stiller", "8000202"),
        tag("Svar", code("Kode", "1", "Ja")),
    )
    assert read(m25(line(1, None, asked))).statements[0].note == "Skal legemidlet pakkes? - Ja"


def test_who_is_responsible_for_the_multidose_is_a_role():
    inside = tag(
        "Multidoseapotek", word("Navn", "Lillevik apotek"), word("Herid", "8000202"), word("Telefon", "33333333")
    )
    roles = {(r.role, r.her_id, r.phone) for r in read(m912(m25(line(1)), inside=inside)).roles}
    assert ("A", "8000202", "33333333") in roles


def test_an_extension_adds_to_its_line():
    ns = KITH + "m251/2013-10-08/extension/1"
    doctor = tag(
        "Forfatter", tag("Helseperson", word("HprId", "9000001"), word("Fornavn", "A"), word("Etternavn", "B"))
    )
    changed = tag(
        "MedisinskEndring",
        word("EnkeltoppforingLIB_ref", LINE.format(1)),
        code("Kode", "1", "Dose økt"),
        word("Tidspunkt", "2026-02-20T12:00:00"),
        doctor,
    )
    review = tag("Legemiddelgjennomgang", word("Tidspunkt", "2026-02-20T12:00:00"), doctor)
    reading = read(m25(line(1), extra=(tag("LegemidlerIbrukUtvidelse", changed, review, ns=ns),)))
    assert (reading.statements[0].type, reading.statements[0].change) == (StatementType.DECISION, "Dose økt")
    assert [u.text.partition(";")[0] for u in reading.unread] == [
        "Legemiddelgjennomgang: Tidspunkt 2026-02-20T12:00:00"
    ]
    assert "2026-02-20T12:00:00" in {c.value for c in reading.statements[0].codes}


def test_a_list_of_another_person_in_the_answer_is_refused():
    assert refusal(m912(m25(line(1), about=patient(KARI)))).code is ErrorCode.TWO_PERSONS


@pytest.mark.parametrize("space", ["urn:x", "x", "", f"{KITH}m251", f"{KITH}m29/2013-10-08"])
def test_what_is_attached_as_a_list_and_is_none_is_refused(space):
    """A namespace of any shape: what reads a list is only asked about lists."""
    spoiled = m25(line(1)).replace(f"{KITH}m251/2013-10-08".encode(), space.encode())
    assert refusal(m912(spoiled)).code is ErrorCode.WRONG_SCHEMA


def test_an_answer_without_lists_speaks_for_nothing():
    reading = read(m912(version="2018-07-01"))
    assert (reading.reach, reading.kinds) == (Reach.EVENT, ())


# Dispensings and recalls


def test_what_was_given_may_differ_and_says_so():
    told = read(m10()).statements[0]
    assert (told.kind, told.type, told.last_dispensed) == (Kind.DISPENSING, StatementType.COPY, date(2026, 2, 3))
    assert (told.name, told.varenr) == ("Eksempelol Byttemerke Tab 50 mg", "990002")
    assert told.intervention == "Generisk bytte: Valgt annen vare"
    assert (told.reported_by.organisation, told.reported_by.her_id) == ("Lillevik apotek", "8000202")


def test_an_annulment_names_what_it_cancels():
    reading = read(m10(annuls="44444444-0000-4000-8000-000000000001"))
    assert reading.cancels == ("44444444-0000-4000-8000-000000000001",)
    assert reading.statements[0].aside is AsideReason.CANCELLED


def test_annulled_dispensings_in_one_answer_are_set_aside_together():
    shape = {"kind": "m6", "root": "UtleveringsrapportRekvirent"}
    first = m10(1, msg_id="44444444-0000-4000-8000-000000000001", **shape)
    second = m10(
        1, annuls="44444444-0000-4000-8000-000000000001", msg_id="44444444-0000-4000-8000-000000000003", **shape
    )
    reading = read(m98(first, second))
    assert [s.aside for s in reading.statements] == [AsideReason.CANCELLED, AsideReason.CANCELLED]


def test_dispensings_that_are_counted_and_not_attached_are_a_gap():
    assert [g.code for g in read(m98(count=2)).gaps] == [GapCode.PARTIAL]


@pytest.mark.parametrize(
    ("reason", "kind", "status"),
    [
        ("2", StatementType.DECISION, SaidStatus.REVOKED),
        ("1", StatementType.COPY, SaidStatus.REPLACED),
        ("3", StatementType.COPY, SaidStatus.REPLACED),
        ("4", StatementType.COPY, SaidStatus.REVOKED),
        ("88", StatementType.COPY, SaidStatus.REVOKED),
    ],
)
def test_a_recall_is_a_stop_only_for_discontinuation(reason, kind, status):
    told = read(m5(reason=reason)).statements[0]
    assert (told.kind, told.type, told.status) == (Kind.REVOCATION, kind, status)
    assert (told.prescription_id, told.decided) == (RX.format(1), date(2026, 3, 2))


def test_a_reason_without_words_gets_those_of_the_code_list():
    bare = tag("Tilbakekalling", tag("Arsak", V="2"))
    assert read(m96(element(1, "T", bare), attached=(m1(1),))).statements[0].reason == "Seponering"


def test_receipts_of_recalls():
    assert read(m52(status="1")).statements[0].status is SaidStatus.REVOKED
    assert read(m52(status="2")).statements[0].status is None
    assert read(m7()).statements[0].recorded == date(2026, 3, 2)


# What lies beside


def test_a_further_document_is_kept():
    raw = message("ERM1", document(tag("Resept", word("Forskrivningsdato", "2026-02-01"), ns=KITH + "m1/2013-10-08")),
                  document(container(b"%PDF-1.4")), about=patient())  # fmt: skip
    assert [u.reason for u in read(raw).unread] == ["attachment"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"/m96/2021-02-01", b"/m96/2031-01-01", ErrorCode.UNKNOWN_VERSION),
        (b"<M96 ", b"<M97 ", ErrorCode.WRONG_SCHEMA),
        (b"eresept/m96", b"eresept/m00", ErrorCode.UNKNOWN_MESSAGE),
    ],
)
def test_unknown_versions_roots_and_messages(old, new, why):
    raw = m96(element(1)).replace(old, new).replace(b"</M96>", b"</M97>" if b"M97" in new else b"</M96>")
    assert refusal(raw).code is why


def test_a_request_is_no_medication_message():
    raw = message(
        "ERM95", document(tag("M95", word("Fnr", OLA), ns="http://www.ehelse.no/xmlstds/eresept/m95/2021-02-01"))
    )
    reading = read(raw)
    assert ([g.code for g in reading.gaps], reading.statements) == ([GapCode.NOT_MEDICATION], ())


def test_known_containers_are_not_decoded_again_and_say_the_same():
    known = {}
    raw = m96(element(1), element(2), attached=(m1(1), m1(2)))
    first = read(raw, known=known)
    assert len(known) == 3  # the two containers, and the list as a whole
    assert read(raw, known=known) == first
    other = m96(element(2), attached=(m1(2),))
    assert read(other, known=known).statements[0].id == first.statements[1].id


def test_the_same_list_in_a_new_envelope_keeps_its_ids():
    rows = (element(1, "U", given_out()), element(2))
    one_, two = (m96(*rows, attached=(m1(1), m1(2))), m96(*reversed(rows), attached=(m1(2), m1(1))))
    assert {s.id for s in read(one_).statements} == {s.id for s in read(two).statements}


def test_known_dispensings_are_not_decoded_again_and_say_the_same():
    known = {}
    raw = m98(m10(1, kind="m6", root="UtleveringsrapportRekvirent"), count=1)
    first = read(raw, known=known)
    assert len(known) == 1
    assert read(raw, known=known) == first
    elsewhere = read(m98(m10(1, kind="m6", root="UtleveringsrapportRekvirent"), count=2), known=known)
    assert elsewhere.statements[0].place.path == first.statements[0].place.path
    assert elsewhere.statements[0].place.message != first.statements[0].place.message


def test_recent_forgets_its_oldest():
    recent = Recent(2)
    for key in ("a", "b", "b", "c"):
        recent[key] = key
    assert dict(recent) == {"b": "b", "c": "c"}


def test_what_no_field_holds_is_kept_under_the_name_of_its_element():
    how = tag("AdministreringForskrivning", code("AdmVed", "2", "Helsepersonell"), code("AdmMate", "1", "Injeksjon"))
    told = read(m1(1, medicine(forskrivning(dosing=word("IngenKombinasjon", "true") + how)))).statements[0]
    kept = {c.system: (c.value, c.text) for c in told.codes}
    assert kept["IngenKombinasjon"] == ("true", "")
    assert kept["AdministreringForskrivning/AdmVed"] == ("2", "Helsepersonell")
    assert kept["AdministreringForskrivning/AdmMate"] == ("1", "Injeksjon")


@pytest.mark.parametrize(
    "beside",
    [
        tag("Infusjonshastighet", tag("Volum", V="50", U="ml"), code("Tidsenhet", "t", "time")),
        None,
    ],
)
def test_an_infusion_rate_is_never_passed_over(beside):
    one = tag("DoseFastTidspunkt", tag("Mengde", V="1", U="ml"), beside, word("GisEksakt", "false"))
    reading = read(m1(1, medicine(forskrivning(dosing=tag("Dosering", one)))))
    assert (reading.statements[0].dosage is None) is (beside is not None)
    rate = "DoseFastTidspunkt/Infusjonshastighet"
    told = f"Mengde 1 ml; {rate}/Volum 50 ml; {rate}/Tidsenhet"
    assert [u.text for u in reading.unread] == ([f"DoseFastTidspunkt/{told} time"] if beside else [])


def test_an_attachment_that_is_neither_prescription_nor_dispensing_is_told():
    reading = read(m96(element(1), attached=(m1(1), m5(1))))
    assert [(u.reason, u.text) for u in reading.unread] == [("attachment", "Tilbakekalling")]

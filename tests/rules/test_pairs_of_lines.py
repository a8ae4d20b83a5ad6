"""Two lines together: intended patterns, doubles, sums and interactions, and what only looks like them."""

from dataclasses import replace

from one_list import codes, judged, product, said

from formats.drug import AtcCode, Interaction, catalogue_of


def test_an_interchangeable_combination_is_paired_by_the_product_of_these_strengths():
    both = {"sub": ["kodein", "paracetamol"], "atc": "N02AJ06", "name": "Paralgin forte"}
    known = [
        product("000001", substances=("kodein", "paracetamol"), strength="30/500 mg", name="A", salts=("", "")),
        product("000002", substances=("kodein", "paracetamol"), strength="30/400 mg", name="B", salts=("", "")),
    ]
    known = [replace(d, atc=AtcCode.read("N02AJ06")) for d in known]
    told = said("GP liste", "3 tabletter 4 ganger daglig", **both, str="30/400 mg")
    flag = next(f for f in judged(told, catalogue=catalogue_of(known, "two")).discrepancies if f.code == "D10")
    assert flag.values["sum"] == 4800


def test_two_plain_opioids_by_two_routes_are_no_intended_pattern():
    opioid = {"sub": ["oksykodon"], "atc": "N02AA05", "str": "10 mg"}
    told = (
        said("GP liste", "1x2", **opioid, name="OxyNorm kapsel 10 mg"),
        said("GP liste", "1x2", **opioid | {"str": "10 mg/ml"}, name="OxyNorm inj", route="injection"),
    )
    assert "C07" in codes(judged(*told))


def test_a_look_alike_of_two_plain_opioids_is_no_intended_pattern():
    opioid = {"sub": ["oksykodon"], "atc": "N02AA05", "str": "10 mg"}
    told = (
        said("GP liste", "1x2", **opioid, name="OxyContin 10 mg"),
        said("HP hjemmeliste", "1x2", **opioid | {"str": "10 mg/ml"}, name="OxyNorm inj", route="injection"),
    )
    assert "C10" in codes(judged(*told))


def test_two_insulins_where_one_is_stopped_are_no_double():
    insulin = {"sub": ["insulin glargin"], "atc": "A10AE04", "route": "injection"}
    told = (
        said("GP liste", "", **insulin, rel="A10AE/100", str="100 E/ml", name="Lantus", st="stopped"),
        said("HP hjemmeliste", "10 E kveld", **insulin, rel="A10AE/300", str="300 E/ml", name="Toujeo"),
    )
    assert "C02" not in codes(judged(*told))


def test_an_insulin_that_is_stopped_but_still_listed_is_disputed_and_no_double():
    insulin = {"sub": ["insulin glargin"], "atc": "A10AE04", "route": "injection"}
    lantus = insulin | {"rel": "A10AE/100", "str": "100 E/ml", "name": "Lantus"}
    told = (
        said("HP epikrise", "", on="2026-02-20", **lantus, st="stopped"),
        said("HP hjemmeliste", "10 E kveld", **lantus),
        said("GP liste", "10 E kveld", **insulin, rel="A10AE/300", str="300 E/ml", name="Toujeo"),
    )
    assert "C02" not in codes(judged(*told))


def test_a_combination_does_not_inherit_its_groups_interactions():
    told = (
        said("GP liste", sub=["losartan", "hydroklortiazid"], atc="C09DA01", str="50/12,5 mg", name="Cozaar Comp"),
        said("GP liste", sub=["litium"], atc="N05AN01", str="42 mg", name="Lithionit"),
    )
    known = [Interaction(id="1", relevance=1, group_a=("N05AN01",), group_b=("C09",))]
    assert "F03" not in codes(judged(*told, catalogue=catalogue_of([], "x", known)))


def test_two_medicines_with_interactions_need_not_have_one_with_each_other():
    known = [Interaction(id=c, relevance=1, group_a=(c,), group_b=("N05AN01",)) for c in ("C08CA01", "C09CA06")]
    other = {"name": "Atacand 8 mg", "atc": "C09CA06", "sub": ["kandesartan"], "str": "8 mg"}
    told = (said("GP liste"), said("HP lokalt", **other))
    assert "F03" not in codes(judged(*told, catalogue=catalogue_of([], "test", known)))


def _levodopa(place, release, dose):
    told = {"sub": ["benserazid", "levodopa"], "atc": "N04BA02", "name": "Madopar 100 mg/25 mg", "str": "100/25 mg"}
    return said(place, dose, **told, rel=release)


def test_levodopa_by_day_and_for_the_night_in_one_doctors_list_is_intended():
    by_day = [_levodopa(who, "plain", "1 kl 8, 12 og 16") for who in ("GP liste", "HP hjemmeliste")]
    for_the_night = [_levodopa(who, "prolonged", "1 kl 22") for who in ("GP liste", "HP hjemmeliste")]
    assert "C06" not in codes(judged(*by_day, *for_the_night))


def test_levodopa_plain_with_the_doctor_and_prolonged_at_home_is_a_question():
    told = (_levodopa("GP liste", "plain", "1 x 3"), _levodopa("HP hjemmeliste", "prolonged", "1 x 3"))
    assert "C06" in codes(judged(*told))


def _nitrates(spray):
    fixed = {"sub": ["isosorbidmononitrat"], "atc": "C01DA14", "name": "Imdur 60 mg", "str": "60 mg"}
    quick = {"sub": ["glyseroltrinitrat"], "atc": "C01DA02", "name": "Nitroglycerin 0,5 mg", "str": "0.5 mg"}
    return (said("GP liste", "1x1", **fixed), said("GP liste", spray, **quick))


def test_a_tablet_for_attacks_beside_one_that_prevents_them_is_no_double_class():
    assert "C04" not in codes(judged(*_nitrates("1 v/b ved brystsmerter, maks 3 per døgn")))
    assert "C04" in codes(judged(*_nitrates("1x3")))


def test_of_a_listed_class_as_needed_counts_too():
    naproxen = {"sub": ["naproksen"], "atc": "M01AE02", "name": "Naproxen 500 mg", "str": "500 mg"}
    ibuprofen = {"sub": ["ibuprofen"], "atc": "M01AE01", "name": "Ibux 400 mg", "str": "400 mg"}
    assert "C04" in codes(judged(said("GP liste", "1x2", **naproxen), said("GP liste", "1 v/b", **ibuprofen)))


def _looking_alike(place, name, **more):
    code, strength = {"Metformin": ("A10BA02", "500 mg"), "Metoprolol": ("C07AB02", "100 mg")}[name]
    return said(place, "1x1", sub=[name.casefold()], atc=code, name=f"{name} {strength}", str=strength, **more)


def test_what_lies_in_a_box_beside_the_roll_is_no_mix_up():
    lists = [_looking_alike(w, n) for w in ("GP liste", "HP hjemmeliste") for n in ("Metformin", "Metoprolol")]
    roll = {"packed": "2026-02-23", "start": "2026-02-23", "next_roll": "2026-03-09"}
    assert "C10" not in codes(judged(*lists, _looking_alike("RF multidose", "Metoprolol", **roll)))
    assert "C10" in codes(judged(*lists[:3], _looking_alike("RF multidose", "Metoprolol", **roll)))

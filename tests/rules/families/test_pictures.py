"""More pictures than a page has room for: the exceptions and the edges of the families, one table each."""

import re

import pytest
from picture import judged_as_told

from rules.page import _example

PICTURES = """
C03 øyedråper og tablett med samme stoff regnes hver for seg
    | kilde | art   | navn    | stoff               | atc     | vei  | dose | dato       |
    | GP    | liste | Cosopt  | dorzolamid, timolol | S01ED51 | eye  | 1x2  | 2026-01-15 |
    | GP    | liste | Timolol | timolol             | C07AA06 | oral | 1x1  | 2026-01-15 |
    => ikke C03

C03 felles opioid i to kombinasjoner
    | kilde | art   | navn           | stoff               | atc     | dose | dato       |
    | GP    | liste | Paralgin forte | kodein, paracetamol | N02AJ06 | 2x4  | 2026-01-15 |
    | GP    | liste | Kodein         | kodein              | R05DA04 | 1x1  | 2026-01-15 |
    => C03 critical GP

C04 to opioider, begge fast
    | kilde | art   | navn      | stoff     | atc     | frisetting | dose | dato       |
    | GP    | liste | OxyContin | oksykodon | N02AA05 | prolonged  | 1x2  | 2026-01-15 |
    | GP    | liste | Dolcontin | morfin    | N02AA01 | prolonged  | 1x2  | 2026-01-15 |
    => C04 high GP

C04 to resepter som ingen liste har
    | kilde | art    | navn         | stoff        | atc     | dose | dato       | gyldig til |
    | RF    | resept | Simvastatin  | simvastatin  | C10AA01 | 1x1  | 2026-01-15 | 2027-01-15 |
    | RF    | resept | Atorvastatin | atorvastatin | C10AA05 | 1x1  | 2026-01-15 | 2027-01-15 |
    => ikke C04

C04 to opioider, det ene ved behov
    | kilde | art   | navn      | stoff     | atc     | frisetting | dose             | dato       |
    | GP    | liste | OxyContin | oksykodon | N02AA05 | prolonged  | 1x2              | 2026-01-15 |
    | GP    | liste | Morfin    | morfin    | N02AA01 | plain      | 1 tabl ved behov | 2026-01-15 |
    => C04 low GP

C05 samme styrke
    | kilde | art         | navn        | stoff     | atc     | styrke | dose             | dato       |
    | GP    | liste       | Furix 40 mg | furosemid | C03CA01 | 40 mg  | 1 tablett morgen | 2025-10-01 |
    | HP    | hjemmeliste | Diural 40mg | furosemid | C03CA01 | 40 mg  | 1 tablett morgen | 2025-10-02 |
    => ikke C05

C05 høyrisiko
    | kilde | art         | navn    | stoff    | atc     | styrke     | dose               | dato       |
    | GP    | liste       | Digoxin | digoksin | C01AA05 | 125 mikrog | 2 tabletter morgen | 2025-10-01 |
    | HP    | hjemmeliste | Lanoxin | digoksin | C01AA05 | 250 mikrog | 1 tablett morgen   | 2025-10-02 |
    => C05 high NURSE

C06 vanlig og depot mot epilepsi
    | kilde | art         | navn            | stoff        | atc     | frisetting | styrke | dose | dato       |
    | GP    | liste       | Tegretol Retard | karbamazepin | N03AF01 | prolonged  | 200 mg | 1x2  | 2026-01-15 |
    | HP    | hjemmeliste | Tegretol        | karbamazepin | N03AF01 | plain      | 200 mg | 1x2  | 2026-01-16 |
    => C06 high GP

C07 systemisk ad begge veier
    | kilde | art   | navn          | stoff       | atc     | vei    | styrke | dose | dato       |
    | GP    | liste | Paracet       | paracetamol | N02BE01 | oral   | 500 mg | 1x2  | 2026-01-15 |
    | GP    | liste | Paracet stikk | paracetamol | N02BE01 | rectal | 500 mg | 1x1  | 2026-01-16 |
    => C07 moderate GP

C10 en styrke som ikke lages
    | kilde | art   | navn              | stoff      | atc     | styrke | dose | dato       |
    | GP    | liste | Metformin 500 mg  | metformin  | A10BA02 | 500 mg | 1x2  | 2026-01-15 |
    | GP    | liste | Metoprolol 500 mg | metoprolol | C07AB02 | 500 mg | 1x2  | 2026-01-15 |
    => C10 moderate NURSE

C12 gyldig resept på en utgått vare
    FEST vare: 000012; utgått 2025-01-01
    | kilde | art    | navn         | stoff     | atc     | vare   | styrke | dose | dato       | gyldig til |
    | RF    | resept | Gammelt 5 mg | amlodipin | C08CA01 | 000012 | 5 mg   | 1x1  | 2025-10-01 | 2026-10-01 |
    | GP    | liste  | Gammelt 5 mg | amlodipin | C08CA01 | 000012 | 5 mg   | 1x1  | 2025-10-01 |            |
    => C12 low GP

C14 annen styrke utlevert
    | kilde | art        | navn          | stoff    | atc     | styrke | dose | dato       | resept |
    | RF    | resept     | Marevan 2,5mg | warfarin | B01AA03 | 2.5 mg | 1x1  | 2026-02-01 | SYN-1  |
    | RF    | utlevering | Warfarin 5 mg | warfarin | B01AA03 | 5 mg   |      | 2026-02-03 | SYN-1  |
    => C14 critical PHARM

C14 forklart av apoteket
    | kilde | art        | navn          | stoff    | atc     | styrke | dose | dato       | resept | inngrep         |
    | RF    | resept     | Marevan 2,5mg | warfarin | B01AA03 | 2.5 mg | 1x1  | 2026-02-01 | SYN-1  |                 |
    | RF    | utlevering | Warfarin 5 mg | warfarin | B01AA03 | 5 mg   |      | 2026-02-03 | SYN-1  | avtalt med lege |
    => ikke C14

D03 samme døgndose delt på flere ganger
    | kilde | art         | navn        | stoff     | atc     | styrke | dose                      | dato       |
    | GP    | liste       | Furix 40 mg | furosemid | C03CA01 | 40 mg  | 2 tabletter morgen        | 2026-01-15 |
    | HP    | hjemmeliste | Furix 40 mg | furosemid | C03CA01 | 40 mg  | 1 tablett morgen og kveld | 2026-01-16 |
    => D03 low NURSE

D03 samme tider, men delt på en annen måte
    |kilde|art        |navn       |stoff    |atc    |styrke|dose                                 |dato      |
    |GP   |liste      |Furix 40 mg|furosemid|C03CA01|40 mg |2 tabletter morgen og 1 tablett kveld|2026-01-15|
    |HP   |hjemmeliste|Furix 40 mg|furosemid|C03CA01|40 mg |1 tablett morgen og 2 tabletter kveld|2026-01-16|
    => D03 low NURSE

D03 den ene nevner ingen tid
    | kilde | art         | navn        | stoff     | atc     | styrke | dose                      | dato       |
    | GP    | liste       | Furix 40 mg | furosemid | C03CA01 | 40 mg  | 1x2                       | 2026-01-15 |
    | HP    | hjemmeliste | Furix 40 mg | furosemid | C03CA01 | 40 mg  | 1 tablett morgen og kveld | 2026-01-16 |
    => ikke D03

D04 opioid
    | kilde | art         | navn     | stoff    | atc     | styrke | dose                  | dato       |
    | GP    | liste       | Nobligan | tramadol | N02AX02 | 50 mg  | 1x3                   | 2026-01-15 |
    | HP    | hjemmeliste | Nobligan | tramadol | N02AX02 | 50 mg  | 1 tabl inntil x 3 v/b | 2026-01-16 |
    => D04 high GP

D04 fastlegen har begge deler
    | kilde | art         | navn        | stoff       | atc     | styrke | dose                  | dato       |
    | GP    | liste       | Paracet 1 g | paracetamol | N02BE01 | 1 g    | 1x3                   | 2026-01-15 |
    | GP    | liste       | Paracet 1 g | paracetamol | N02BE01 | 1 g    | 1 tabl inntil x 1 v/b | 2026-01-15 |
    | HP    | hjemmeliste | Paracet 1 g | paracetamol | N02BE01 | 1 g    | 1x3                   | 2026-01-16 |
    => ikke D04

D09 mer enn en uke over tiden for et kortison
    | kilde | art      | navn        | stoff       | atc     | dose                                      | dato       |
    | HP    | epikrise | Prednisolon | prednisolon | H02AB06 | 2 tabl daglig i 7 dager, så 1 tabl daglig | 2026-02-10 |
    | GP    | liste    | Prednisolon | prednisolon | H02AB06 | 2 tabl daglig                             | 2026-02-01 |
    => D09 high GP

D09 fastlegen har bestemt noe annet siden
    | kilde | art      | navn        | stoff       | atc     | dose                                      | dato       |
    | HP    | epikrise | Prednisolon | prednisolon | H02AB06 | 2 tabl daglig i 7 dager, så 1 tabl daglig | 2026-02-10 |
    | GP    | liste    | Prednisolon | prednisolon | H02AB06 | 2 tabl daglig                             | 2026-02-27 |
    => ikke D09

D10 skjult i et kombinasjonspreparat, med stoffene i en annen rekkefølge enn styrkene
    | kilde | art   | navn           | stoff               | atc     | styrke    | dose | dato       |
    | GP    | liste | Paralgin forte | kodein, paracetamol | N02AJ06 | 400/30 mg | 2x4  | 2026-02-01 |
    | GP    | liste | Paracet 500 mg | paracetamol         | N02BE01 | 500 mg    | 2x1  | 2025-09-01 |
    => D10 high GP

D10 ukedose på grensen
    | kilde | art   | navn         | stoff       | atc     | styrke | dose                      | dato       |
    | GP    | liste | Methotrexate | metotreksat | L04AX03 | 2.5 mg | 10 tabletter hver torsdag | 2026-02-01 |
    => ikke D10

D10 ukedose over grensen
    | kilde | art   | navn         | stoff       | atc     | styrke | dose                      | dato       |
    | GP    | liste | Methotrexate | metotreksat | L04AX03 | 2.5 mg | 12 tabletter hver torsdag | 2026-02-01 |
    => D10 critical GP

D10 ved behov teller med taket
    |kilde|art  |navn       |stoff      |atc    |styrke|dose                                   |dato      |
    |GP   |liste|Paracet 1 g|paracetamol|N02BE01|1 g   |1 tabl inntil 5 ganger daglig ved behov|2026-02-01|
    => D10 high GP

D10 planlagt teller ikke
    | kilde | art   | navn        | stoff       | atc     | styrke | dose | dato       | start      |
    | GP    | liste | Paracet 1 g | paracetamol | N02BE01 | 1 g    | 1x5  | 2026-02-01 | 2026-04-01 |
    => ikke D10

D10 alderen er ikke kjent
    | kilde | art   | navn     | stoff      | atc     | styrke | dose | dato       |
    | GP    | liste | Cipramil | citalopram | N06AB04 | 20 mg  | 2x1  | 2026-02-01 |
    => ikke D10

D10 over aldersgrensen
    Født: 1950
    | kilde | art   | navn     | stoff      | atc     | styrke | dose | dato       |
    | GP    | liste | Cipramil | citalopram | N06AB04 | 20 mg  | 2x1  | 2026-02-01 |
    => D10 high GP

D10 zopiklon i sykehjem
    Sykehjem: ja
    | kilde | art   | navn    | stoff    | atc     | styrke | dose    | dato       |
    | GP    | liste | Imovane | zopiklon | N05CF01 | 7.5 mg | 1 kveld | 2026-02-01 |
    => D10 high GP

D10 simvastatin sammen med amlodipin
    | kilde | art   | navn    | stoff       | atc     | styrke | dose    | dato       |
    | GP    | liste | Zocor   | simvastatin | C10AA01 | 40 mg  | 1 kveld | 2026-02-01 |
    | GP    | liste | Norvasc | amlodipin   | C08CA01 | 5 mg   | 1x1     | 2026-02-01 |
    => D10 high GP

D12 en del mangler hos fastlegen
    | kilde | art         | navn          | stoff        | atc     | styrke    | dose | dato       |
    | GP    | liste       | Levaxin 50 ug | levotyroksin | H03AA01 | 50 mikrog | 1x1  | 2025-11-01 |
    | HP    | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 mikrog | 1x1  | 2025-11-02 |
    | HP    | hjemmeliste | Levaxin 25 ug | levotyroksin | H03AA01 | 25 mikrog | 1x1  | 2025-11-02 |
    => D12 high NURSE

E01 rullens egen resept
    |kilde|art      |navn         |stoff     |atc    |styrke|dose            |dato      |pakket    |gyldig til|resept|
    |RF   |multidose|Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tabl kl 08    |2025-12-01|2026-02-23|          |SYN-1 |
    |RF   |resept   |Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tablett morgen|2026-02-10|          |2027-02-10|SYN-1 |
    => ikke E01

E01 andre tider
    |kilde|art      |navn         |stoff     |atc    |styrke|dose           |dato      |pakket    |gyldig til|
    |RF   |multidose|Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tabl kl 08   |2025-12-01|2026-02-23|          |
    |RF   |resept   |Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tablett kveld|2026-02-10|          |2027-02-10|
    => ikke E01

E02 endret samme dag som pakket
    |kilde|art      |navn        |stoff    |atc    |styrke|dose      |dato      |pakket    |neste rull|
    |RF   |multidose|Eliquis 5 mg|apiksaban|B01AF02|5 mg  |1 tabl x 1|2025-12-01|2026-02-23|2026-03-09|
    |GP   |liste    |Eliquis 5 mg|apiksaban|B01AF02|5 mg  |1 tabl x 2|2026-02-23|          |          |
    => E02 critical NURSE

E03 seponert lenge før pakking
    | kilde | art       | navn    | stoff     | atc     | dose | dato       | status  | pakket     | neste rull |
    | RF    | multidose | Norvasc | amlodipin | C08CA01 | 1x1  | 2025-09-01 |         | 2026-02-23 | 2026-03-09 |
    | GP    | liste     | Norvasc | amlodipin | C08CA01 |      | 2026-01-05 | stopped |            |            |
    => E03 critical NURSE

E04 ukedose i rullen
    |kilde|art      |navn        |stoff      |atc    |styrke|dose                    |dato      |pakket    |
    |RF   |multidose|Methotrexate|metotreksat|L04AX03|2.5 mg|6 tabletter hver torsdag|2025-12-01|2026-02-23|
    => E04 moderate PHARM

E05 ingen kilde nevner noen lege
    | kilde | art       | navn    | stoff     | atc     | dose | dato       | pakket     |
    | RF    | multidose | Norvasc | amlodipin | C08CA01 | 1x1  | 2025-12-01 | 2026-02-23 |
    => ikke E05

F01 stoffets navn som helt ord
    CAVE: HP Trimetoprim, utslett 2018
    | kilde | art   | navn        | stoff       | atc     | styrke | dose | dato       |
    | GP    | liste | Trimetoprim | trimetoprim | J01EA01 | 160 mg | 1x2  | 2026-02-27 |
    => F01 critical GP

F01 seponert overalt
    CAVE: HP Trimetoprim (J01EA01)
    | kilde | art   | navn        | stoff       | atc     | styrke | dose | dato       | status  |
    | GP    | liste | Trimetoprim | trimetoprim | J01EA01 | 160 mg |      | 2026-02-27 | stopped |
    => ikke F01

F02 begge kjenner den
    CAVE: GP Penicillin: anafylaksi 2011 (J01C)
    CAVE: HP penicillin
    | kilde | art   | navn    | stoff     | atc     | dose | dato       |
    | GP    | liste | Norvasc | amlodipin | C08CA01 | 1x1  | 2026-01-01 |
    => ikke F02

F03 en forskriver har begge
    FEST interaksjon: B01AA03 - M01A; 1
    | kilde | art   | navn    | stoff     | atc     | dose          | dato       |
    | GP    | liste | Marevan | warfarin  | B01AA03 | 2 tabl daglig | 2026-01-01 |
    | GP    | liste | Ibux    | ibuprofen | M01AE01 | 1x2           | 2026-02-28 |
    => F03 info GP

F03 forholdsregler
    FEST interaksjon: N06AB - N02AX02; 2
    | kilde | art      | navn     | stoff      | atc     | dose | dato       |
    | GP    | liste    | Cipramil | citalopram | N06AB04 | 1x1  | 2026-01-01 |
    | HP    | epikrise | Nobligan | tramadol   | N02AX02 | 1x2  | 2026-02-28 |
    => F03 moderate GP

F03 ingen tiltak nødvendig
    FEST interaksjon: N06AB - N02AX02; 3
    | kilde | art      | navn     | stoff      | atc     | dose | dato       |
    | GP    | liste    | Cipramil | citalopram | N06AB04 | 1x1  | 2026-01-01 |
    | HP    | epikrise | Nobligan | tramadol   | N02AX02 | 1x2  | 2026-02-28 |
    => ikke F03

F04 tre kriterier
    Født: 1940
    | kilde | art   | navn      | stoff      | atc     | dose | dato       |
    | GP    | liste | Vallergan | alimemazin | R06AD01 | 1x1  | 2026-01-01 |
    | GP    | liste | Stesolid  | diazepam   | N05BA01 | 1x1  | 2026-01-01 |
    | GP    | liste | Sotalol   | sotalol    | C07AA07 | 1x2  | 2026-01-01 |
    => F04 low GP

F04 sykehjem har sin egen liste
    Født: 1940
    Sykehjem: ja
    | kilde | art   | navn | stoff     | atc     | dose | dato       |
    | GP    | liste | Ibux | ibuprofen | M01AE01 | 1x2  | 2026-01-01 |
    => F04 info GP

F05 overgang uten overlapp
    | kilde | art   | navn    | stoff       | atc     | vei       | dose | dato       | start      | slutt      |
    | GP    | liste | Klexane | enoksaparin | B01AB05 | injection | 1x1  | 2026-02-20 | 2026-02-20 | 2026-02-28 |
    | GP    | liste | Eliquis | apiksaban   | B01AF02 | oral      | 1x2  | 2026-02-20 | 2026-03-01 |            |
    => ikke F05

F06 fast opioid uten avføringsmiddel
    | kilde | art   | navn      | stoff     | atc     | frisetting | dose | dato       |
    | GP    | liste | OxyContin | oksykodon | N02AA05 | prolonged  | 1x2  | 2026-01-15 |
    => F06 info GP

F06 reseptene kunne ikke leses
    Kilder: RF feilet
    | kilde | art   | navn      | stoff     | atc     | frisetting | dose | dato       |
    | GP    | liste | OxyContin | oksykodon | N02AA05 | prolonged  | 1x2  | 2026-01-15 |
    => ikke F06

F05 samme blodfortynnende ført to ganger
    | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
    | GP    | liste | Eliquis 5 mg | apiksaban | B01AF02 | 5 mg   | 1x2  | 2026-02-24 |
    | GP    | liste | Eliquis 5 mg | apiksaban | B01AF02 | 5 mg   | 1x2  | 2025-07-01 |
    => ikke F05

G01 to dager gammel
    Kilder: RF gammel 2026-02-28
    | kilde | art   | navn    | stoff     | atc     | dose | dato       |
    | GP    | liste | Norvasc | amlodipin | C08CA01 | 1x1  | 2026-01-01 |
    => G01 low SYS

G03 hjemmelisten navngir legen
    | kilde | art         | navn     | stoff    | atc     | dose | dato       | av        |
    | HP    | hjemmeliste | Nobligan | tramadol | N02AX02 | 1x2  | 2026-01-01 | Kari Lege |
    => ikke G03

G04 stoppen er datert fram i tid
    | kilde | art   | navn    | stoff     | atc     | dose | dato       | status  |
    | GP    | liste | Norvasc | amlodipin | C08CA01 | 1x1  | 2026-01-01 |         |
    | HP    | ordre | Norvasc | amlodipin | C08CA01 |      | 2026-05-01 | stopped |
    => G04 moderate SYS
"""


def pictures():
    for block in PICTURES.strip().split("\n\n"):
        head, *rest = block.splitlines()
        code, title = head.split(" ", 1)
        body = "\n".join([title, "    I dag: 2026-03-02", *rest])
        yield pytest.param(code, _example(code, body), id=f"{code} {re.sub(r'[^a-zæøå0-9 ]', '', title)}")


@pytest.mark.parametrize(("code", "example"), list(pictures()))
def test_the_picture_is_judged_as_told(code, example):
    judged_as_told(code, example)

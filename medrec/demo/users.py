"""Who can sign in to the demo: one of each kind of reader. They exist only in demo data and only on loopback."""

from medrec.access.people import Role, User
from medrec.demo.people import OFFICES

MUNICIPALITY = "999000061"


def _user(id_: str, name: str, role: Role, *, district: str = "", hpr: str = "") -> User:
    return User(id=f"demo-{id_}", name=name, role=role, district=district, organisation=MUNICIPALITY, hpr=hpr)


_GP = OFFICES[0]
USERS = (
    _user("sykepleier", "Demo Sykepleier", Role.NURSE, district="Nord", hpr="9990101"),
    _user("sykepleier-midt", "Demo Sykepleier Midt", Role.NURSE, district="Midt", hpr="9990102"),
    _user("teamleder", "Demo Teamleder", Role.LEADER, hpr="9990103"),
    _user("farmasoyt", "Demo Farmasøyt", Role.PHARMACIST, hpr="9990104"),
    _user("fastlege", f"{_GP.given} {_GP.family}", Role.GP, hpr=_GP.hpr),
    _user("revisor", "Demo Revisor", Role.AUDITOR),
    _user("drift", "Demo Drift", Role.ADMIN),
)


def demo_user(id_: str) -> User | None:
    """The demo user with that id."""
    return next((u for u in USERS if u.id == id_), None)

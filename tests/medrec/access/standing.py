"""What the tests of this folder stand on: patients in care, somebody signed in, a system that may do all."""

from told import TODAY

from medrec import persons, roster
from medrec.access import gate, sessions
from medrec.access.people import SYSTEM_NEEDS


def in_care(database, *patients) -> tuple[str, ...]:
    """Patients as (identity number, name, district), in care from today; their ids."""
    rows = [
        roster.RosterRow(identifier=number, name=name, district=district, starts=TODAY)
        for number, name, district in patients
    ]
    with database.writing() as session:
        roster.load(session, rows, TODAY)
        return tuple(persons.find(session, row.identifier) for row in rows)


def signed_in(app, database, user):
    """A browser in which `user` is signed in."""
    browser = app.test_client()
    with database.writing() as session:
        browser.set_cookie(gate.COOKIE_ON_LOOPBACK, sessions.start(session, user))
    return browser


def bearer(database) -> dict[str, str]:
    """The headers of a system that may do all a system may."""
    with database.writing() as session:
        token = sessions.new_token(session, name="x", organisation="", scopes=frozenset(SYSTEM_NEEDS), days=1)
    return {"Authorization": f"Bearer {token}"}

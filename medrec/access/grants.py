"""What the application's role may do in PostgreSQL, as the script that whoever owns the tables runs after `db upgrade`.

The application does not own its tables. It reads and writes them, but of the access log it may read and add rows only,
and it can neither change a table nor take a trigger away.
"""

import re

from medrec.records import audit, metadata

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_MIGRATED = "alembic_version"


class BadRole(ValueError):  # noqa: N818 - an answer
    """No name of a role."""


def script(role: str) -> str:
    """The SQL for `role`, which must exist; may be run again. Raises `BadRole`."""
    if not _NAME.fullmatch(role):
        msg = "a role's name is of lower-case letters, digits and _"
        raise BadRole(msg)
    mine = ", ".join(f'"{t.name}"' for t in metadata.sorted_tables if t is not audit)
    return "\n".join(
        (
            "BEGIN;",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
            f'GRANT USAGE ON SCHEMA public TO "{role}";',
            f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}";',
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON {mine} TO "{role}";',
            f'GRANT SELECT, INSERT ON "{audit.name}" TO "{role}";',
            f'GRANT SELECT ON "{_MIGRATED}" TO "{role}";',
            f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}";',
            "COMMIT;",
        )
    )

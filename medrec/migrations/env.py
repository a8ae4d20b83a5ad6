from alembic import context

from medrec.records import metadata

# The connection is handed in (medrec.db.upgrade), so that there is one way to a database and no second configuration.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

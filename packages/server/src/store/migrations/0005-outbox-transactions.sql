-- Which transaction wrote a row: whoever reads the outbox in turn goes on from the set of transactions that were over
-- when it last looked, so that a row is read once and never missed, however long after its number was drawn it commits.
alter table outbox add column xact xid8 not null default pg_current_xact_id();

create index outbox_xact on outbox (xact);

-- Who tells a row again that nobody said to be done: one node at a time, until this moment at the latest.
-- The rooms in its payload have a change beside them where the commit brought no new messages: the message that it
-- touched, if it touched one, still has that change or a row of its own says more.
alter table outbox add column claimed_until timestamptz;

-- Of a node that merges what it commits into a ledger of its own: the others read its rows themselves.
alter table nodes add column keeps_own_ledger boolean not null default false;

alter table ledger_epoch
  -- The cluster, the database in it and the branch of its history (a failover or a restored backup begins a new one)
  -- that the epoch belongs to; null until a node has looked.
  add column history text collate "C";

-- From now on the epoch is a number of the warm sequence: keys that were warmed with it or with a lower one are cold.
update ledger_epoch set epoch = nextval('ledger_warm');

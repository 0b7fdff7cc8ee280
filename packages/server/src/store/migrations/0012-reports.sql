-- What people reported. Of a message it keeps what was said at that moment, until the report is resolved: the sender may
-- delete it meanwhile.
create table reports (
  id text collate "C" primary key,
  reporter_id text collate "C" references users (id),
  user_id text collate "C" references users (id),
  room_id text collate "C" references rooms (id),
  seq bigint,
  text text,
  reason text not null,
  note text,
  created_at timestamptz not null default clock_timestamp(),
  resolved_at timestamptz,
  check ((room_id is null) = (seq is null))
);

-- The same twice, while nobody has dealt with it, is one report.
create unique index reports_open on reports (reporter_id, room_id, seq, user_id) nulls not distinct
  where resolved_at is null;
create index reports_time on reports (created_at, id);
create index reports_reporter on reports (reporter_id);

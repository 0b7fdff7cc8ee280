-- What a person has that is not about any room.
create table person_settings (
  user_id text collate "C" primary key references users (id),
  -- Up to where the person has seen the feed, on whatever device: it only rises.
  seen_seq bigint not null default 0,
  -- Null until something was chosen.
  preferences jsonb,
  -- Rises with every change of the preferences; a device names the one that its change follows upon.
  preferences_rev bigint not null default 0
);

-- When an entry of a feed was put away. Only entries that were read are: archiving reads them.
alter table messages add column archived_at timestamptz;
create index messages_archived on messages (room_id, seq) where archived_at is not null;

-- Where people are signed in, by the names that apps give themselves.
create table devices (
  user_id text collate "C" not null references users (id),
  id text collate "C" not null,
  kind text not null,
  name text,
  browser text,
  os text,
  created_at timestamptz not null default clock_timestamp(),
  -- Written once an hour at most.
  last_seen_at timestamptz not null default clock_timestamp(),
  primary key (user_id, id)
);

-- What the tokens of a device have in common (`edges/sign-in.ts`). An ended one is good no more, and has no device.
create table sign_ins (
  user_id text collate "C" not null references users (id),
  sign_in text collate "C" not null,
  device_id text collate "C",
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (user_id, sign_in),
  check ((device_id is null) = (ended_at is not null))
);

create index sign_ins_device on sign_ins (user_id, device_id) where device_id is not null;
create index sign_ins_ended on sign_ins (ended_at) where ended_at is not null;

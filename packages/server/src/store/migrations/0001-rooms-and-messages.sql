-- Ids are compared by bytes (collate "C"), so that every program that sorts them sorts alike: locks are taken in this
-- order. Counters are bigint and only grow.

create table users (
  id text collate "C" primary key,
  name text,
  image text,
  user_type text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- An account is removed room by room: deleted_at when that begins, removed_at when the last room is done.
  deleted_at timestamptz,
  removed_at timestamptz
);

create index users_being_removed on users (id) where deleted_at is not null and removed_at is null;

create table rooms (
  id text collate "C" primary key,
  kind text not null check (kind in ('direct', 'group', 'feed')),
  key text collate "C",
  title text,
  metadata jsonb not null default '{}',
  -- What of the past counts as unread for somebody who joins, unless the invitation says otherwise.
  history text not null default 'none' check (history in ('none', 'unread')),
  -- How many messages there ever were: the newest one's place.
  seq bigint not null default 0,
  -- How many counted messages there ever were.
  tally bigint not null default 0,
  -- Rises with everything people can see change in the room.
  change bigint not null default 0,
  -- Rises with every change of who is a member: what cached lists of recipients are checked against.
  membership bigint not null default 0,
  -- The newest message's created_at (without one: when the room was made), which the next one's must exceed.
  last_at timestamptz not null default clock_timestamp(),
  created_by text collate "C",
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  check (0 <= tally and tally <= seq)
) with (fillfactor = 70);

-- A deleted room gives its key back.
create unique index rooms_key on rooms (key) where deleted_at is null and key is not null;

-- Rows are never deleted and version never falls: leaving is a flag, so that a late event cannot bring a room back.
create table members (
  room_id text collate "C" not null references rooms (id),
  user_id text collate "C" not null references users (id),
  role text not null default 'member' check (role in ('owner', 'admin', 'member')),
  -- How many of the room's counted messages are not unread for this member, whatever the reason.
  settled bigint not null,
  version bigint not null default 1,
  read_seq bigint not null,
  -- Rises with every mark-unread: a read that saw an older one is ignored.
  read_epoch bigint not null default 0,
  muted boolean not null default false,
  -- Archived while this is at least the room's tally: a new counted message un-archives by itself.
  archived_at_tally bigint,
  -- The head a mark-all-read promised to read to, until its step comes.
  pending_read_seq bigint,
  joined_at timestamptz not null default clock_timestamp(),
  left_at timestamptz,
  primary key (room_id, user_id),
  check (0 <= settled and 0 <= read_seq)
) with (fillfactor = 70);

create index members_user on members (user_id, room_id);
create index members_pending_read on members (user_id, room_id) where pending_read_seq is not null;

create table messages (
  room_id text collate "C" not null,
  seq bigint not null,
  id text collate "C" not null,
  -- The room's tally right after this message.
  tally bigint not null,
  -- The room's change that last touched this message; no two messages of a room share one.
  change bigint not null,
  -- Null: the system, or a person whose account is gone.
  sender_id text collate "C",
  client_id text collate "C",
  -- Of the original body: what a second send with the same client_id is compared with, even after an edit.
  fingerprint text collate "C",
  type text not null,
  text text not null,
  data jsonb,
  counted boolean not null,
  reply_to bigint,
  -- Rises strictly within the room.
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  -- Taken away by retention (deleted_at is set too). The row stays until its client_id may be forgotten.
  purged_at timestamptz,
  -- A notification that was read alone: settled for the feed's one member without moving the cursor.
  settled_alone_at timestamptz,
  primary key (room_id, seq)
);

-- Several indexes begin with the room, and a plan made while the table was empty may take any of them and walk all of
-- the room's messages. So a statement whose plan is kept names the order that only its own index gives, and functions
-- that cannot are planned at every call.
create unique index messages_id on messages (id);
create unique index messages_client_id on messages (room_id, client_id, sender_id) nulls not distinct
  where client_id is not null;
create unique index messages_change on messages (room_id, change);
create index messages_time on messages (room_id, created_at) where deleted_at is null;
create index messages_purged on messages (purged_at) where purged_at is not null;

create table reactions (
  room_id text collate "C" not null,
  seq bigint not null,
  user_id text collate "C" not null references users (id),
  emoji text collate "C" not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (room_id, seq, emoji, user_id),
  foreign key (room_id, seq) references messages (room_id, seq) on delete cascade
);

create index reactions_user on reactions (user_id);

create table blocks (
  blocker_id text collate "C" not null references users (id),
  blocked_id text collate "C" not null references users (id),
  created_at timestamptz not null default clock_timestamp(),
  primary key (blocker_id, blocked_id),
  check (blocker_id <> blocked_id)
);

create index blocks_blocked on blocks (blocked_id, blocker_id);

-- Tokens of this person that were issued before are no longer good.
create table revoked_sessions (
  user_id text collate "C" primary key references users (id),
  before timestamptz not null
);

create table nodes (
  node_id text collate "C" primary key,
  heartbeat_at timestamptz not null default clock_timestamp()
);

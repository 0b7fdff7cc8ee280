-- What may be found, filled behind the commit (`actions/index-messages.ts`): a message costs its sender nothing for it.
create table message_search (
  room_id text collate "C" not null,
  seq bigint not null,
  -- The message's change that these tokens were made of: what comes late does not undo what came after it.
  change bigint not null,
  created_at timestamptz not null,
  -- Pairs of neighbouring characters and the room (`core/search-text.ts`), so that any part of a word is found.
  tokens tsvector not null,
  primary key (room_id, seq)
);

-- Entries wait in a short list and go to the index together; searching looks through the list as well.
create index message_search_tokens on message_search using gin (tokens) with (gin_pending_list_limit = 256);
create index message_search_time on message_search (created_at, room_id, seq);

-- Up to which change a room's messages are in there.
create table search_rooms (
  room_id text collate "C" primary key references rooms (id),
  change bigint not null
);

-- One node at a time looks what is new: until when it is that one, and the transactions that were over when it looked.
create table search_progress (
  only_row boolean primary key default true check (only_row),
  node_id text collate "C",
  claimed_until timestamptz not null default '-infinity',
  told text
);
insert into search_progress default values;

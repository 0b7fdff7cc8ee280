-- Files of messages. The bytes are elsewhere, in parts; a part's key is noted once it is stored.
create table attachments (
  id text collate "C" primary key,
  room_id text collate "C" not null references rooms (id),
  uploader_id text collate "C" references users (id),
  name text not null,
  bytes bigint not null check (bytes > 0),
  received bigint not null default 0 check (received <= bytes),
  part_bytes bigint not null,
  parts text[] not null default '{}',
  -- By the first bytes of it.
  type text,
  width integer,
  height integer,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- The message it belongs to, or is about to: the id is given with the first attempt to send it, and the same attempt
  -- again, under the same client_id, gets the same.
  message_id text collate "C",
  client_id text collate "C",
  -- The message is known to be there; from now on the file goes when the message does.
  is_settled boolean not null default false,
  -- Nobody gets it any more; its bytes are to be deleted.
  doomed_at timestamptz
);

create index attachments_message on attachments (message_id) where message_id is not null;
create index attachments_uploader on attachments (uploader_id);
create index attachments_unsettled on attachments (updated_at) where not is_settled and doomed_at is null;
create index attachments_doomed on attachments (doomed_at) where doomed_at is not null;

-- Whatever takes a message away, by hand or by its age, takes its files. Only an update of deleted_at comes here: a send
-- never does.
create function doom_attachments() returns trigger language plpgsql as $$
begin
  update attachments set doomed_at = clock_timestamp() where message_id = new.id and doomed_at is null;
  return null;
end
$$;
create trigger messages_attachments after update of deleted_at on messages for each row
  when (old.deleted_at is null and new.deleted_at is not null and old.data is not null)
  execute function doom_attachments();

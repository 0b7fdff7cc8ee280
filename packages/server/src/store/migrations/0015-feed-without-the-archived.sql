-- A feed is read newest first without what was put away, and however much that is, nobody walks through it. Entries have no
-- sender, which keeps nearly everything that people write out of this index.
create index messages_feed on messages (room_id, seq) where archived_at is null and sender_id is null;

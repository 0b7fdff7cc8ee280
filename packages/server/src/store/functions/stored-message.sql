-- A message as the program reads it (StoredMessage), without its nulls. Of one expression, without a query in it: so a
-- statement that reads a page takes it in, where it would call it for each message.
create or replace function stored_message(m messages)
returns jsonb language sql stable
as $$
  select jsonb_strip_nulls(jsonb_build_object(
      'id', m.id, 'roomId', m.room_id, 'seq', m.seq, 'tally', m.tally, 'change', m.change, 'clientId', m.client_id,
      'type', m.type, 'text', m.text, 'counted', m.counted, 'replyTo', m.reply_to,
      'createdAt', iso_time(m.created_at), 'editedAt', iso_time(m.edited_at), 'deletedAt', iso_time(m.deleted_at)))
    || case when m.data is null then '{}' else jsonb_build_object('data', m.data) end
    || jsonb_build_object('senderId', m.sender_id, 'reactions', message_reactions(m.room_id, m.seq))
$$;

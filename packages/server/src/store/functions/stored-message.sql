-- A message as the program reads it (StoredMessage), without its nulls.
create or replace function stored_message(m messages)
returns jsonb language sql stable
as $$
  select jsonb_strip_nulls(jsonb_build_object(
      'id', m.id, 'roomId', m.room_id, 'seq', m.seq, 'tally', m.tally, 'change', m.change, 'clientId', m.client_id,
      'type', m.type, 'text', m.text, 'counted', m.counted, 'replyTo', m.reply_to,
      'createdAt', iso_time(m.created_at), 'editedAt', iso_time(m.edited_at), 'deletedAt', iso_time(m.deleted_at)))
    || case when m.data is null then '{}' else jsonb_build_object('data', m.data) end
    || jsonb_build_object('senderId', m.sender_id, 'reactions', coalesce((
      select jsonb_agg(jsonb_build_object('emoji', given.emoji, 'userIds', given.user_ids)
        order by given.first_at, given.emoji)
      from (
        select r.emoji, min(r.created_at) as first_at, array_agg(r.user_id order by r.created_at, r.user_id) as user_ids
        from reactions r where r.room_id = m.room_id and r.seq = m.seq
        group by r.emoji
      ) given), '[]'))
$$;

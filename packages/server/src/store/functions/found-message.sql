-- A message that was found, as the program reads it (FoundMessage).
create or replace function found_message(p_message messages)
returns jsonb language sql stable
as $$
  select jsonb_build_object('id', p_message.id, 'roomId', p_message.room_id, 'seq', p_message.seq,
    'senderId', p_message.sender_id, 'type', p_message.type, 'text', p_message.text,
    'createdAt', iso_time(p_message.created_at))
$$;

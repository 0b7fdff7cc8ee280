-- Why somebody may not delete a message, or null: it must be their own, or they run the room. Without a person it is
-- the host's own server that asks.
create or replace function delete_refusal(p_user_id text, p_room_id text, p_seq bigint)
returns text language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
declare
  v_refusal text := room_refusal(p_user_id, p_room_id, '{owner,admin,member}');
  v_sender_id text;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  select x.sender_id into v_sender_id from messages x where x.room_id = p_room_id and x.seq = p_seq;
  if not found then
    return 'message_not_found';
  end if;
  if v_sender_id = p_user_id then
    return null;
  end if;
  return room_refusal(p_user_id, p_room_id, '{owner,admin}');
end
$$;

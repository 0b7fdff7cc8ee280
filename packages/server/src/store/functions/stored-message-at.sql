-- The message at a place, as the program reads it.
create or replace function stored_message_at(p_room_id text, p_seq bigint)
returns jsonb language sql stable
set plan_cache_mode = force_custom_plan
as $$
  select stored_message(m) from messages m where m.room_id = p_room_id and m.seq = p_seq
$$;

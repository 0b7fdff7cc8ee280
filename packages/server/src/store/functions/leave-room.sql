-- Takes people out of a room, and answers their rows: a flag, which carries their part of every total away. The caller
-- holds the room and these rows.
create or replace function leave_room(p_room_id text, p_user_ids text[])
returns members[] language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_left members[];
begin
  --| step leave
  with gone as (
    update members m
    set left_at = clock_timestamp(), version = m.version + 1, pending_read_seq = null
    where m.room_id = p_room_id and m.user_id = any(p_user_ids) and m.left_at is null
    returning m as row
  )
  select array_agg(row) into v_left from gone;

  if v_left is not null then
    --| step rise
    update rooms r set membership = r.membership + 1, change = r.change + 1 where r.id = p_room_id;
  end if;
  return coalesce(v_left, '{}');
end
$$;

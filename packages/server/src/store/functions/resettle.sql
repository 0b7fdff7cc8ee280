-- Counts anew for one person in these rooms, and answers the rows that changed. The caller holds the rooms and the rows.
create or replace function resettle(p_user_id text, p_room_ids text[])
returns members[] language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_touched members[];
begin
  --| step resettle
  with counted as materialized (
    select m.room_id, r.tally - unread_after(m.room_id, m.user_id, m.read_seq) as settled
    from members m join rooms r on r.id = m.room_id
    where m.user_id = p_user_id and m.room_id = any(p_room_ids)
  ), touched as (
    update members m
    set settled = counted.settled, version = m.version + 1
    from counted
    where m.room_id = counted.room_id and m.user_id = p_user_id and m.settled <> counted.settled
    returning m as row
  )
  select array_agg(row) into v_touched from touched;
  return v_touched;
end
$$;

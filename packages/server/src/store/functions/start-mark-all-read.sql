-- Mark all read, first step: one statement stores the head of every room that has unread messages, so that what
-- arrives from now on stays unread. step_mark_all_read does the reading.
create or replace function start_mark_all_read(p_user_id text)
returns integer language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_room_ids text[];
  v_count integer;
begin
  --| step lock members
  select array_agg(l.room_id) into v_room_ids
  from (
    select m.room_id from members m join rooms r on r.id = m.room_id
    where m.user_id = p_user_id and m.left_at is null and r.kind <> 'feed' and m.settled < r.tally
    order by m.room_id for no key update of m
  ) l;

  --| step store
  -- version stays: what merges by it (settled and the flags) does not change yet.
  update members m set pending_read_seq = r.seq
  from rooms r
  where m.user_id = p_user_id and m.room_id = any(v_room_ids) and r.id = m.room_id
    and m.left_at is null and m.settled < r.tally;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- Mark all read, the other steps: reads some rooms to the heads that were stored. Done twice it changes nothing, so a
-- crash in the middle is completed by going on.
create or replace function step_mark_all_read(p_user_id text, p_limit integer)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  v_room_ids text[];
  v_touched members[];
begin
  --| step lock members
  select coalesce(array_agg(l.room_id), '{}') into v_room_ids
  from (
    select m.room_id from members m
    where m.user_id = p_user_id and m.pending_read_seq is not null
    order by m.room_id limit p_limit for no key update
  ) l;

  --| step read
  with touched as (
    update members m
    set read_seq = least(r.seq, m.pending_read_seq),
      settled = r.tally - unread_after(m.room_id, m.user_id, least(r.seq, m.pending_read_seq)),
      version = m.version + 1,
      pending_read_seq = null
    from rooms r
    where m.user_id = p_user_id and m.room_id = any(v_room_ids) and r.id = m.room_id
      and least(r.seq, m.pending_read_seq) > m.read_seq
    returning m as row
  )
  select array_agg(row) into v_touched from touched;
  --| step forget
  -- Rooms that were read further meanwhile.
  update members m set pending_read_seq = null
  where m.user_id = p_user_id and m.room_id = any(v_room_ids) and m.pending_read_seq is not null;

  --| step record
  return record_commit(null, v_touched) || jsonb_build_object(
    'more', exists (select from members m where m.user_id = p_user_id and m.pending_read_seq is not null));
end
$$;

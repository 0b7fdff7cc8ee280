-- Notifications were read: all of them (p_ids null), like a room read to its head; or some, each settled alone, like a
-- deleted one. Whoever deletes or purges holds the feed's member row as well, so the two never count one twice.
create or replace function read_notifications(p_user_id text, p_ids text[])
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  v_count bigint := 0;
  v_read_seq bigint;
  v_touched members[];
begin
  --| step look
  if not exists (
    select from members m join rooms r on r.id = m.room_id
    where m.room_id = 'feed:' || p_user_id and m.user_id = p_user_id and m.left_at is null and m.settled < r.tally) then
    return record_commit(null, null) || jsonb_build_object('count', 0);
  end if;

  --| step lock member
  perform from members m where m.room_id = 'feed:' || p_user_id and m.user_id = p_user_id for no key update;

  if p_ids is null then
    --| step read all
    with touched as (
      update members m
      set read_seq = r.seq, settled = r.tally, version = m.version + 1
      from rooms r, members before
      where m.room_id = 'feed:' || p_user_id and m.user_id = p_user_id and r.id = m.room_id
        and before.room_id = m.room_id and before.user_id = m.user_id and m.settled < r.tally
      returning m as row, r.tally - before.settled as count, before.read_seq
    )
    select array_agg(row), coalesce(sum(count), 0), min(read_seq) into v_touched, v_count, v_read_seq from touched;
    --| step note when
    -- Counts for nothing at or below the cursor: it tells the feed's reader when each entry was read.
    update messages x set settled_alone_at = clock_timestamp()
    from members m
    where x.room_id = 'feed:' || p_user_id and m.room_id = x.room_id and m.user_id = p_user_id
      and x.seq > v_read_seq and x.seq <= m.read_seq and x.deleted_at is null and x.settled_alone_at is null;
  else
    --| step settle alone
    update messages x
    set settled_alone_at = clock_timestamp()
    from members m
    where x.room_id = 'feed:' || p_user_id and x.id = any(p_ids)
      and m.room_id = x.room_id and m.user_id = p_user_id and x.seq > m.read_seq
      and x.counted and x.deleted_at is null and x.settled_alone_at is null;
    get diagnostics v_count = row_count;
    if v_count > 0 then
      --| step settle
      with touched as (
        update members m
        set settled = m.settled + v_count, version = m.version + v_count
        where m.room_id = 'feed:' || p_user_id and m.user_id = p_user_id
        returning m as row
      )
      select array_agg(row) into v_touched from touched;
    end if;
  end if;

  --| step record
  return record_commit(null, v_touched) || jsonb_build_object('count', v_count);
end
$$;

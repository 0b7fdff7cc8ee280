-- Entries of a feed are put away: those of p_ids, or all that were read (null); or brought back. What is put away unread
-- is settled alone, as if it had been read. The feed's change rises, so that everybody who shows it looks again. So many at
-- once that nobody waits for it: done again it goes on with the rest. Entries have no sender: said, it names the index of those
-- that were not put away (`messages_feed`).
create or replace function archive_notifications(p_user_id text, p_ids text[], p_archived boolean)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  c_at_once constant integer := 1000;
  v_room_id text := 'feed:' || p_user_id;
  v_read bigint := 0;
  v_count bigint := 0;
  v_touched members[];
begin
  --| step look
  if not exists (
    select from messages x
    where x.room_id = v_room_id and x.sender_id is null and x.deleted_at is null
      and (x.archived_at is not null) <> p_archived
      and (case when p_ids is null then x.settled_alone_at is not null else x.id = any(p_ids) end)) then
    return record_commit(null, null) || jsonb_build_object('archived', 0, 'read', 0, 'more', false);
  end if;

  --| step lock room
  perform from rooms r where r.id = v_room_id for no key update;
  --| step lock member
  perform from members m where m.room_id = v_room_id and m.user_id = p_user_id for no key update;

  if p_archived and p_ids is not null then
    --| step settle alone
    update messages x
    set settled_alone_at = clock_timestamp()
    from members m
    where x.room_id = v_room_id and x.id = any(p_ids)
      and m.room_id = x.room_id and m.user_id = p_user_id and x.seq > m.read_seq
      and x.counted and x.deleted_at is null and x.settled_alone_at is null;
    get diagnostics v_read = row_count;
    if v_read > 0 then
      --| step settle
      with touched as (
        update members m
        set settled = m.settled + v_read, version = m.version + v_read
        where m.room_id = v_room_id and m.user_id = p_user_id
        returning m as row
      )
      select array_agg(row) into v_touched from touched;
    end if;
  end if;

  --| step put away
  update messages x
  set archived_at = case when p_archived then clock_timestamp() end
  where x.room_id = v_room_id and x.seq in (
    select y.seq from messages y
    where y.room_id = v_room_id and y.sender_id is null and y.deleted_at is null
      and (y.archived_at is not null) <> p_archived
      and (case when p_ids is null then y.settled_alone_at is not null else y.id = any(p_ids) end)
    order by y.seq limit c_at_once);
  get diagnostics v_count = row_count;
  if v_count = 0 then
    return record_commit(null, v_touched) || jsonb_build_object('archived', 0, 'read', v_read, 'more', false);
  end if;
  --| step rise
  update rooms r set change = r.change + 1 where r.id = v_room_id;

  --| step record
  return record_commit(array[v_room_id], v_touched)
    || jsonb_build_object('archived', v_count, 'read', v_read, 'more', v_count = c_at_once);
end
$$;

-- Retention, first step: the oldest messages between two places lose their text, and are settled for everyone for whom
-- they were unread. Their rows stay until forget_purged, so that a late retry finds its client_id; p_after_seq is where the
-- step before ended, as looking for it anew would be to walk over all of those.
create or replace function purge_messages(
  p_room_id text, p_after_seq bigint, p_before_seq bigint, p_limit integer)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  v_seqs bigint[];
  v_change bigint;
  v_touched members[];
begin
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;
  if not found then
    return refusal('room_not_found');
  end if;
  --| step lock members
  perform from members m where m.room_id = p_room_id order by m.user_id for no key update;

  --| step look
  select array_agg(x.seq order by x.seq) into v_seqs
  from (
    select x.seq from messages x
    where x.room_id = p_room_id and x.seq > p_after_seq and x.seq < p_before_seq and x.purged_at is null
    order by x.seq limit p_limit
  ) x;
  if v_seqs is null then
    return record_commit(null, null) || jsonb_build_object('count', 0, 'lastSeq', p_after_seq);
  end if;

  --| step settle
  with touched as (
    update members m
    set settled = m.settled + lost.messages, version = m.version + lost.messages
    from (
      select reader.user_id, count(*) as messages
      from members reader join messages x on x.room_id = reader.room_id and x.seq > reader.read_seq
      where reader.room_id = p_room_id and reader.read_seq < v_seqs[cardinality(v_seqs)] and x.seq = any(v_seqs)
        and x.counted and x.deleted_at is null and x.settled_alone_at is null
        and x.sender_id is distinct from reader.user_id
        and not exists (select from blocks b where b.blocker_id = reader.user_id and b.blocked_id = x.sender_id)
      group by reader.user_id
    ) lost
    where m.room_id = p_room_id and m.user_id = lost.user_id
    returning m as row
  )
  select array_agg(row) into v_touched from touched;
  --| step rise
  update rooms r set change = r.change + cardinality(v_seqs) where r.id = p_room_id returning r.change into v_change;
  --| step take reactions
  delete from reactions where room_id = p_room_id and seq = any(v_seqs);
  --| step write
  update messages x
  set text = '', data = null, deleted_at = coalesce(x.deleted_at, clock_timestamp()), purged_at = clock_timestamp(),
    change = v_change - cardinality(v_seqs) + gone.place
  from unnest(v_seqs) with ordinality gone(seq, place)
  where x.room_id = p_room_id and x.seq = gone.seq;

  --| step record
  return record_commit(array[p_room_id], v_touched) || jsonb_build_object(
    'count', cardinality(v_seqs), 'lastSeq', v_seqs[cardinality(v_seqs)]);
end
$$;

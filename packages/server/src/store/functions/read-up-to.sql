-- Read up to a place. What would change nothing is found without a lock and writes nothing: a lock alone costs a
-- flush of the log. Then the own row is locked, and tally, seq and count come from one later statement.
create or replace function read_up_to(p_user_id text, p_room_id text, p_up_to_seq bigint, p_read_epoch bigint)
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_read_seq bigint;
  v_read_epoch bigint;
  v_seq bigint;
  v_touched members[];
begin
  --| step look
  select m.read_seq, m.read_epoch, r.seq into v_read_seq, v_read_epoch, v_seq
  from members m join rooms r on r.id = m.room_id
  where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null and r.kind <> 'feed';
  if not found then
    return refusal('room_not_found');
  end if;

  if least(p_up_to_seq, v_seq) > v_read_seq and coalesce(p_read_epoch >= v_read_epoch, true) then
    --| step lock member
    perform from members m where m.room_id = p_room_id and m.user_id = p_user_id for no key update;

    --| step read
    with touched as (
      update members m
      set read_seq = least(r.seq, p_up_to_seq),
        settled = r.tally
          - case when p_up_to_seq >= r.seq then 0 else unread_after(m.room_id, m.user_id, p_up_to_seq) end,
        version = m.version + 1
      from rooms r
      where m.room_id = p_room_id and m.user_id = p_user_id and r.id = m.room_id and m.left_at is null
        and least(r.seq, p_up_to_seq) > m.read_seq and coalesce(p_read_epoch >= m.read_epoch, true)
      returning m as row
    )
    select array_agg(row) into v_touched from touched;

    --| step look again
    select m.read_seq, m.read_epoch into v_read_seq, v_read_epoch
    from members m where m.room_id = p_room_id and m.user_id = p_user_id;
  end if;

  --| step record
  return record_commit(null, v_touched)
    || jsonb_build_object('readSeq', v_read_seq, 'readEpoch', v_read_epoch, 'advanced', v_touched is not null);
end
$$;

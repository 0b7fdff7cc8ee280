-- Everything from a place on is unread again. read_epoch rises, so that a read in flight cannot undo it, and a
-- mark-all-read that is still under way forgets this room.
create or replace function mark_unread(p_user_id text, p_room_id text, p_from_seq bigint)
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_touched members;
begin
  --| step lock member
  perform from members m where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null
  for no key update;
  if not found then
    return refusal('room_not_found');
  end if;

  --| step mark
  update members m
  set read_seq = least(r.seq, greatest(0, p_from_seq - 1)),
    settled = r.tally - unread_after(m.room_id, m.user_id, greatest(0, p_from_seq - 1)),
    version = m.version + 1,
    read_epoch = m.read_epoch + 1,
    -- It is unread again, and on the device all the same.
    delivered_seq = greatest(m.delivered_seq, m.read_seq),
    pending_read_seq = null
  from rooms r
  where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null
    and r.id = m.room_id and r.kind <> 'feed'
  returning m.* into v_touched;
  if not found then
    return refusal('room_not_found');
  end if;

  --| step record
  return record_commit(null, array[v_touched], v_touched.read_seq)
    || jsonb_build_object('readSeq', v_touched.read_seq, 'readEpoch', v_touched.read_epoch);
end
$$;

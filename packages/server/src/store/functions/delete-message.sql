-- Delete a message: it keeps its place without text, and is settled for everyone for whom it was unread, whether
-- present, muted or gone. All rows are locked before it asks for whom: a mark-unread beside it would be missed.
create or replace function delete_message(p_user_id text, p_room_id text, p_seq bigint)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  v_refusal text;
  v_message messages;
  v_change bigint;
  v_touched members[];
begin
  --| step look
  -- A stranger must not be able to lock a whole room.
  v_refusal := delete_refusal(p_user_id, p_room_id, p_seq);
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;
  -- Deleted is deleted for good: saying it again must not lock everybody in the room.
  select * into v_message from messages x
  where x.room_id = p_room_id and x.seq = p_seq and x.deleted_at is not null;
  if found then
    return record_commit(null, null)
      || jsonb_build_object('message', stored_message(v_message), 'changed', false);
  end if;

  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;
  --| step lock members
  perform from members m where m.room_id = p_room_id order by m.user_id for no key update;

  --| step look again
  v_refusal := delete_refusal(p_user_id, p_room_id, p_seq);
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;
  select * into v_message from messages x where x.room_id = p_room_id and x.seq = p_seq;
  if v_message.deleted_at is not null then
    return record_commit(null, null)
      || jsonb_build_object('message', stored_message(v_message), 'changed', false);
  end if;

  --| step settle
  with touched as (
    update members m
    set settled = m.settled + 1, version = m.version + 1
    where m.room_id = p_room_id and m.read_seq < p_seq
      and v_message.counted and v_message.settled_alone_at is null
      and m.user_id is distinct from v_message.sender_id
      and not exists (select from blocks b where b.blocker_id = m.user_id and b.blocked_id = v_message.sender_id)
    returning m as row
  )
  select array_agg(row) into v_touched from touched;
  --| step rise
  update rooms r set change = r.change + 1 where r.id = p_room_id returning r.change into v_change;
  --| step take reactions
  delete from reactions where room_id = p_room_id and seq = p_seq;
  --| step write
  update messages x set text = '', data = null, deleted_at = clock_timestamp(), change = v_change
  where x.room_id = p_room_id and x.seq = p_seq
  returning x.* into v_message;

  --| step record
  return record_commit(array[p_room_id], v_touched)
    || jsonb_build_object('message', stored_message(v_message), 'changed', true);
end
$$;

-- A room is deleted by its owner or by the host's own server (p_actor_id null): everybody leaves it. Its rows stay, so
-- that a late event brings nothing back; its key is free again.
create or replace function delete_room(p_actor_id text, p_room_id text)
returns jsonb language plpgsql volatile
as $$
declare
  v_refusal text;
  v_left members[];
begin
  --| step look
  -- A stranger must not be able to lock a whole room.
  v_refusal := room_refusal(p_actor_id, p_room_id, '{owner}');
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;

  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;
  --| step lock members
  perform from members m where m.room_id = p_room_id order by m.user_id for no key update;

  --| step look again
  v_refusal := room_refusal(p_actor_id, p_room_id, '{owner}');
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;

  --| step leave
  v_left := leave_room(p_room_id, array(select m.user_id from members m where m.room_id = p_room_id));
  --| step delete
  update rooms r set deleted_at = clock_timestamp(), change = r.change + 1, membership = r.membership + 1
  where r.id = p_room_id;

  --| step record
  return record_commit(array[p_room_id], v_left);
end
$$;

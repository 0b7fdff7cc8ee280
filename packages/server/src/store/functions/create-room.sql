-- A new room with its first members. With a key that a room already has, that room is the answer, if all the people
-- named are or were in it. Whether there may be a new one is asked once it is known that it is new: a room of this key
-- that is there at a first look may be deleted until then.
create or replace function create_room(
  p_id text, p_kind text, p_key text, p_title text, p_metadata jsonb, p_history text, p_creator_id text,
  p_user_ids text[], p_roles text[], p_max_members integer, p_max_rooms integer)
returns jsonb language plpgsql volatile
as $$
declare
  v_existing_id text;
  v_refusal jsonb;
  v_members members[];
begin
  --| step lock users
  if not lock_users(p_user_ids) then
    return refusal('user_not_found');
  end if;
  if cardinality(p_user_ids) > p_max_members then
    return refusal('limit_exceeded', 'membersPerRoom');
  end if;

  --| step create
  insert into rooms (id, kind, key, title, metadata, history, created_by)
  values (p_id, p_kind, p_key, p_title, p_metadata, p_history, p_creator_id)
  -- Waits for another that is creating a room with this key, and then finds it below.
  on conflict (key) where deleted_at is null and key is not null do nothing;

  if not found then
    --| step look
    select r.id into v_existing_id from rooms r where r.key = p_key and r.deleted_at is null;
    if not p_user_ids <@ array(select m.user_id from members m where m.room_id = v_existing_id) then
      return refusal('room_key_conflict');
    end if;
    return record_commit(null, null) || jsonb_build_object('roomId', v_existing_id, 'created', false);
  end if;

  --| step look at people
  -- Nobody is brought into a room by somebody they blocked; in a pair nobody blocks the other.
  v_refusal := case
    when exists (select from blocks b where b.blocked_id = p_creator_id and b.blocker_id = any(p_user_ids))
      or p_kind = 'direct'
        and exists (select from blocks b where b.blocker_id = p_creator_id and b.blocked_id = any(p_user_ids))
      then refusal('blocked')
    when not has_room_for(p_user_ids, p_max_rooms) then refusal('limit_exceeded', 'roomsPerUser')
  end;
  if v_refusal is not null then
    --| step take back
    delete from rooms r where r.id = p_id;
    return v_refusal;
  end if;

  --| step join
  v_members := join_room(p_id, p_user_ids, p_roles, null);
  --| step record
  return record_commit(array[p_id], v_members) || jsonb_build_object('roomId', p_id, 'created', true);
end
$$;

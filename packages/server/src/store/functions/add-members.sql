-- People join a room: brought by one of its owners or admins, or by the host's own server (p_actor_id null). Those who
-- are in it already stay as they are. The two of a direct room may come back, but nobody else. Nobody is brought by a
-- person they blocked.
create or replace function add_members(
  p_actor_id text, p_room_id text, p_user_ids text[], p_role text, p_history text,
  p_max_members integer, p_max_rooms integer)
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_refusal text;
  v_new_ids text[];
  v_joined members[];
begin
  --| step lock users
  if not lock_users(p_user_ids) then
    return refusal('user_not_found');
  end if;
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;

  --| step look
  v_refusal := room_refusal(p_actor_id, p_room_id,
    case p_role when 'owner' then '{owner}' else '{owner,admin}' end::text[]);
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;
  select coalesce(array_agg(person.id order by person.id), '{}') into v_new_ids
  from unnest(p_user_ids) person(id)
  where not exists (
    select from members m where m.room_id = p_room_id and m.user_id = person.id and m.left_at is null);
  if exists (select from rooms r where r.id = p_room_id and r.kind = 'direct') and not v_new_ids
    <@ array(select m.user_id from members m where m.room_id = p_room_id) then
    return refusal('forbidden');
  end if;
  if exists (select from blocks b where b.blocked_id = p_actor_id and b.blocker_id = any(v_new_ids)) then
    return refusal('blocked');
  end if;
  if cardinality(v_new_ids) > 0 and cardinality(v_new_ids) + (
    select count(*) from members m where m.room_id = p_room_id and m.left_at is null) > p_max_members then
    return refusal('limit_exceeded', 'membersPerRoom');
  end if;
  if not has_room_for(v_new_ids, p_max_rooms) then
    return refusal('limit_exceeded', 'roomsPerUser');
  end if;

  --| step join
  v_joined := join_room(p_room_id, v_new_ids, array_fill(p_role, array[cardinality(v_new_ids)]), p_history);
  --| step record
  return record_commit(case when cardinality(v_joined) > 0 then array[p_room_id] end, v_joined);
end
$$;

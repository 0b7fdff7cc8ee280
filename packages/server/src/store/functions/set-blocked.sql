-- Block or unblock a person: that person's messages stop or start counting for the blocker, in every room where both
-- ever had a row. With both user rows held, neither can join a room that this would miss.
create or replace function set_blocked(
  p_blocker_id text, p_blocked_id text, p_blocked boolean, p_max_blocks integer)
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_both_exist boolean;
  v_room_ids text[];
  v_changed boolean;
  v_touched members[];
begin
  --| step look
  if p_blocked = exists (
    select from blocks b where b.blocker_id = p_blocker_id and b.blocked_id = p_blocked_id) then
    return record_commit(null, null) || jsonb_build_object('changed', false);
  end if;

  --| step lock users
  v_both_exist := lock_users(array[p_blocker_id, p_blocked_id]);
  if p_blocked and not v_both_exist then
    return refusal('user_not_found');
  end if;
  --| step lock rooms
  select coalesce(array_agg(l.id), '{}') into v_room_ids
  from (
    select r.id
    from members mine
    join members theirs on theirs.room_id = mine.room_id and theirs.user_id = p_blocked_id
    join rooms r on r.id = mine.room_id
    where mine.user_id = p_blocker_id
    order by r.id for no key update of r
  ) l;
  --| step lock members
  perform from members m
  where m.user_id = p_blocker_id and m.room_id = any(v_room_ids) order by m.room_id for no key update;

  --| step look again
  if p_blocked and p_max_blocks <= (select count(*) from blocks b where b.blocker_id = p_blocker_id) then
    return refusal('limit_exceeded', 'blocksPerUser');
  end if;

  --| step write
  if p_blocked then
    insert into blocks (blocker_id, blocked_id) values (p_blocker_id, p_blocked_id) on conflict do nothing;
  else
    delete from blocks b where b.blocker_id = p_blocker_id and b.blocked_id = p_blocked_id;
  end if;
  v_changed := found;
  --| step resettle
  v_touched := resettle(p_blocker_id, v_room_ids);

  --| step record
  return record_commit(null, v_touched) || jsonb_build_object('changed', v_changed);
end
$$;

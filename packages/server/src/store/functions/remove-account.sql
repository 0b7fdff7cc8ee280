-- An account is removed, some rooms at a time, in order of their ids after p_after_room_id: p_limit of them (with 0 it is
-- gone for everybody and nothing more), fewer where they have more than p_messages in them, as all of those are looked
-- through. Its messages stay without a
-- sender, its reactions go, it leaves every room. Where a sender's name goes, "own" and "from somebody blocked" go with
-- it, so the own row and those of its blockers are counted anew. Its feed is erased once there is no room left. Whom it blocks it unblocks one by one, in steps between,
-- like anybody else: that counts anew in all the rooms the two shared, which are not the rooms of one step.
create or replace function remove_account(p_user_id text, p_after_room_id text, p_limit integer, p_messages bigint)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  c_erased_at_once constant integer := 1000;
  v_room_ids text[];
  v_blocker_ids text[];
  v_blocked_id text;
  v_more boolean;
  v_person_id text;
  v_room_id text;
  v_feed_id text := 'feed:' || p_user_id;
  v_erased bigint;
  v_touched members[] := '{}';
begin
  --| step look for blocks
  -- Once deleted it blocks nobody more, so they come to an end.
  select min(b.blocked_id) into v_blocked_id
  from blocks b join users u on u.id = b.blocker_id
  where b.blocker_id = p_user_id and u.deleted_at is not null;
  if v_blocked_id is not null then
    return set_blocked(p_user_id, v_blocked_id, false, 0)
      || jsonb_build_object('afterRoomId', nullif(p_after_room_id, ''), 'more', true);
  end if;

  --| step lock user
  update users u
  set deleted_at = coalesce(u.deleted_at, clock_timestamp()), name = null, image = null, user_type = null
  where u.id = p_user_id;
  if not found then
    return refusal('user_not_found');
  end if;
  --| step choose rooms
  select coalesce(array_agg(sized.id order by sized.id), '{}') into v_room_ids
  from (
    select r.id, sum(r.seq) over (order by r.id) - r.seq as before
    from (
      select r.id, r.seq from members m join rooms r on r.id = m.room_id
      where m.user_id = p_user_id and m.room_id > p_after_room_id
      order by r.id limit p_limit
    ) r
  ) sized
  where sized.before < p_messages;
  --| step lock rooms
  perform from rooms r where r.id = any(v_room_ids) order by r.id for no key update;
  --| step look
  select array_agg(b.blocker_id order by b.blocker_id) into v_blocker_ids from blocks b where b.blocked_id = p_user_id;
  --| step lock members
  perform from members m
  where m.room_id = any(v_room_ids) and m.user_id = any(v_blocker_ids || p_user_id)
  order by m.room_id, m.user_id for no key update;

  --| step take reactions
  delete from reactions g where g.user_id = p_user_id and g.room_id = any(v_room_ids);
  --| step take name
  update messages x set sender_id = null, client_id = null, fingerprint = null
  where x.room_id = any(v_room_ids) and x.sender_id = p_user_id;
  --| step leave
  foreach v_room_id in array v_room_ids loop
    v_touched := v_touched || leave_room(v_room_id, array[p_user_id]);
  end loop;
  --| step resettle
  foreach v_person_id in array v_blocker_ids || p_user_id loop
    v_touched := v_touched || resettle(v_person_id, v_room_ids);
  end loop;

  v_more := p_limit = 0 or exists (select from blocks b where b.blocker_id = p_user_id) or exists (
    select from members m
    where m.user_id = p_user_id and m.room_id > coalesce(v_room_ids[cardinality(v_room_ids)], p_after_room_id))
    or v_room_ids <> '{}' and exists (select from messages x where x.room_id = v_feed_id and x.deleted_at is null);
  if not v_more and v_room_ids = '{}' then
    --| step lock feed
    -- In a step of its own: rooms are locked in the order of their ids.
    perform from rooms r where r.id = v_feed_id for no key update;
    --| step lock reader
    perform from members m where m.room_id = v_feed_id and m.user_id = p_user_id for no key update;
    --| step erase feed
    -- Nobody else ever saw it: nothing of it stays.
    update messages x
    set text = '', data = null, client_id = null, fingerprint = null,
      deleted_at = clock_timestamp(), purged_at = clock_timestamp()
    where x.room_id = v_feed_id and x.seq in (
      select y.seq from messages y
      where y.room_id = v_feed_id and y.deleted_at is null
      order by y.created_at limit c_erased_at_once);
    get diagnostics v_erased = row_count;
    v_more := v_erased = c_erased_at_once;
    v_touched := resettle(p_user_id, array[v_feed_id]);
  end if;
  if not v_more then
    --| step finish
    delete from blocks b where b.blocked_id = p_user_id;
    delete from person_settings s where s.user_id = p_user_id;
    delete from devices d where d.user_id = p_user_id;
    delete from sign_ins i where i.user_id = p_user_id and i.ended_at is null;
    update users u set removed_at = clock_timestamp() where u.id = p_user_id;
  end if;
  --| step record
  return record_commit(v_room_ids, v_touched) || jsonb_build_object(
    'afterRoomId', coalesce(v_room_ids[cardinality(v_room_ids)], nullif(p_after_room_id, '')), 'more', v_more);
end
$$;

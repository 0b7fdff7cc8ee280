-- An account is removed. The first call, without p_deleted_at, begins it: the account is gone for everybody at once and
-- signed in nowhere, and the moment of that is this removal's name. The next ones go on with the removal of that name, and
-- do nothing once it is complete: whoever has come back since stays. Without a name they go on with the one under way. The
-- last one answers the moment of the end.
--
-- They take some rooms at a time, in order of their ids after p_after_room_id: p_limit of them (with 0 it is begun and
-- nothing more), fewer where they have more than p_messages in them, as all of those are looked through. Its messages stay
-- without a sender, its reactions go, it leaves every room. Where a sender's name goes, "own" and "from somebody blocked" go
-- with it, so the own row and those of its blockers are counted anew. Its feed is erased once there is no room left. Whom it
-- blocks it unblocks one by one, in steps between, like anybody else: that counts anew in all the rooms the two shared, which
-- are not the rooms of one step.
create or replace function remove_account(
  p_user_id text, p_deleted_at timestamptz, p_after_room_id text, p_limit integer, p_messages bigint)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  c_erased_at_once constant integer := 1000;
  v_user users;
  v_room_ids text[];
  v_blocker_ids text[];
  v_blocked_id text;
  v_more boolean;
  v_person_id text;
  v_room_id text;
  v_closed_ids text[];
  v_feed_id text := 'feed:' || p_user_id;
  v_erased bigint;
  v_touched members[] := '{}';
begin
  --| step look for blocks
  -- Once deleted it blocks nobody more, so they come to an end.
  select min(b.blocked_id) into v_blocked_id
  from blocks b join users u on u.id = b.blocker_id
  where b.blocker_id = p_user_id and u.deleted_at is not null;
  --| step lock users
  -- At every step: nobody else completes the removal meanwhile, and nobody comes back.
  perform from users u where u.id in (p_user_id, v_blocked_id) order by u.id for no key update;
  select * into v_user from users u where u.id = p_user_id;
  if not found then
    return refusal('user_not_found');
  end if;
  if v_user.removed_at is not null or p_deleted_at is not null and p_deleted_at is distinct from v_user.deleted_at then
    return record_commit(null, null) || jsonb_build_object('deletedAt', null, 'afterRoomId', null, 'more', false);
  end if;
  if v_user.deleted_at is null then
    --| step begin
    perform revoke_sessions(p_user_id);
    update users u
    set deleted_at = (select s.before from revoked_sessions s where s.user_id = p_user_id),
      name = null, image = null, user_type = null
    where u.id = p_user_id
    returning * into v_user;
  end if;
  if p_limit = 0 then
    return record_commit(null, null)
      || jsonb_build_object('deletedAt', iso_time(v_user.deleted_at), 'afterRoomId', null, 'more', true);
  end if;

  if v_blocked_id is not null then
    return set_blocked(p_user_id, v_blocked_id, false, 0) || jsonb_build_object(
      'deletedAt', iso_time(v_user.deleted_at), 'afterRoomId', nullif(p_after_room_id, ''), 'more', true);
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

  v_more := v_room_ids <> '{}' or exists (select from blocks b where b.blocker_id = p_user_id);
  if not v_more then
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
    if not v_more then
      -- What is on its way to it comes too late.
      with closed as (
        update rooms r set deleted_at = clock_timestamp(), change = r.change + 1 where r.id = v_feed_id returning r.id
      )
      select array_agg(closed.id) into v_closed_ids from closed;
    end if;
  end if;
  if not v_more then
    --| step finish
    -- Those that began meanwhile are the removed account's, too.
    perform revoke_sessions(p_user_id);
    --| step forget
    -- Its files stay with their messages, without its name; those in no message go.
    perform from attachments a where a.uploader_id = p_user_id order by a.id for update;
    update attachments a
    set uploader_id = null,
      doomed_at = case when a.message_id is null then coalesce(a.doomed_at, clock_timestamp()) else a.doomed_at end
    where a.uploader_id = p_user_id;
    delete from blocks b where b.blocked_id = p_user_id;
    delete from person_settings s where s.user_id = p_user_id;
    update users u set removed_at = (select s.before from revoked_sessions s where s.user_id = p_user_id)
    where u.id = p_user_id
    returning * into v_user;
  end if;
  --| step record
  return record_commit(v_room_ids || v_closed_ids, v_touched) || jsonb_build_object(
    'deletedAt', iso_time(v_user.deleted_at), 'removedAt', iso_time(v_user.removed_at), 'afterRoomId', coalesce(v_room_ids[cardinality(v_room_ids)], nullif(p_after_room_id, '')), 'more', v_more);
end
$$;

-- Everybody's notification feed is made with the first notification: a room of its own kind with one member. An account
-- that was removed left it: whoever comes back joins it again, with nothing of before.
create or replace function ensure_feeds(p_user_ids text[])
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_user_ids text[];
  v_feed_ids text[];
  v_joined members[] := '{}';
  v_user_id text;
begin
  --| step look
  select array_agg(person.id order by person.id), array_agg('feed:' || person.id order by person.id)
  into v_user_ids, v_feed_ids
  from unnest(p_user_ids) person(id)
  where not exists (
    select from members m where m.room_id = 'feed:' || person.id and m.user_id = person.id and m.left_at is null);
  if v_user_ids is null then
    return record_commit(null, null);
  end if;

  --| step lock users
  if not lock_users(v_user_ids) then
    return refusal('user_not_found');
  end if;
  --| step create
  insert into rooms (id, kind, created_by)
  select 'feed:' || person.id, 'feed', person.id from unnest(v_user_ids) person(id)
  on conflict (id) do nothing;
  --| step lock rooms
  perform from rooms r where r.id = any(v_feed_ids) order by r.id for no key update;
  --| step look again
  -- Who came first made it, and may have put something in: that stays.
  select array_agg(person.id order by person.id), array_agg('feed:' || person.id order by person.id)
  into v_user_ids, v_feed_ids
  from unnest(v_user_ids) person(id)
  where not exists (
    select from members m where m.room_id = 'feed:' || person.id and m.user_id = person.id and m.left_at is null);
  if v_user_ids is null then
    return record_commit(null, null);
  end if;

  --| step reopen
  update rooms r set deleted_at = null where r.id = any(v_feed_ids) and r.deleted_at is not null;
  --| step erase
  -- What was left by a server of an earlier version.
  update messages x
  set text = '', data = null, client_id = null, fingerprint = null,
    deleted_at = clock_timestamp(), purged_at = clock_timestamp()
  where x.room_id = any(v_feed_ids) and x.deleted_at is null;
  --| step join
  foreach v_user_id in array v_user_ids loop
    v_joined := v_joined || join_room('feed:' || v_user_id, array[v_user_id], '{owner}', 'none');
  end loop;

  --| step record
  return record_commit(array(select joined.room_id from unnest(v_joined) joined), v_joined);
end
$$;

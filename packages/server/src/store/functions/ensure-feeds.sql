-- Everybody's notification feed is made with the first notification: a room of its own kind with one member.
create or replace function ensure_feeds(p_user_ids text[])
returns jsonb language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_new_ids text[];
  v_joined members[] := '{}';
  v_user_id text;
begin
  --| step look
  select array_agg(person.id order by person.id) into v_new_ids
  from unnest(p_user_ids) person(id)
  where not exists (select from rooms r where r.id = 'feed:' || person.id);
  if v_new_ids is null then
    return record_commit(null, null);
  end if;

  --| step lock users
  if not lock_users(v_new_ids) then
    return refusal('user_not_found');
  end if;
  --| step create
  with made as (
    insert into rooms (id, kind, created_by)
    select 'feed:' || person.id, 'feed', person.id from unnest(v_new_ids) person(id)
    on conflict (id) do nothing
    returning created_by
  )
  select coalesce(array_agg(made.created_by order by made.created_by), '{}') into v_new_ids from made;
  --| step join
  foreach v_user_id in array v_new_ids loop
    v_joined := v_joined || join_room('feed:' || v_user_id, array[v_user_id], '{owner}', 'none');
  end loop;

  --| step record
  return record_commit(array(select 'feed:' || id from unnest(v_new_ids) person(id)), v_joined);
end
$$;

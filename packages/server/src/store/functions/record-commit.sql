-- The end of every write: the outbox row, and what the program learns (Committed). p_rooms are the rooms whose head
-- rose, p_members the rows as they were written; null or empty when there are none. Written and told in one place, so
-- that the two cannot differ. p_unread_after: the cursor of members who made their room unread, which ends what they have
-- open wherever they are.
create or replace function record_commit(p_rooms text[], p_members members[], p_unread_after bigint default null)
returns jsonb language plpgsql volatile
as $$
declare
  v_outbox_id bigint;
begin
  if coalesce(cardinality(p_rooms), 0) + coalesce(cardinality(p_members), 0) = 0 then
    return jsonb_build_object('rooms', '[]'::jsonb, 'members', '[]'::jsonb, 'outboxId', null);
  end if;
  insert into outbox (payload)
  select json_build_object(
    'rooms', coalesce((
      select json_agg(json_build_object('roomId', r.id, 'change', r.change)) from rooms r where r.id = any(p_rooms)), '[]'),
    'members', coalesce((
      select json_agg(json_strip_nulls(json_build_object(
        'roomId', m.room_id, 'userId', m.user_id, 'unreadAfter', p_unread_after))) from unnest(p_members) m), '[]'))
  returning id into v_outbox_id;
  return jsonb_build_object(
    'rooms', coalesce((
      select jsonb_agg(room_head(r) order by r.id) from rooms r where r.id = any(p_rooms)), '[]'),
    'members', coalesce((
      select jsonb_agg(member_state(newest.row))
      from (
        -- A row that was written twice is told once, as it is now.
        select distinct on (m.room_id, m.user_id) m as row from unnest(p_members) m
        order by m.room_id, m.user_id, m.version desc
      ) newest), '[]'),
    'outboxId', v_outbox_id::text);
end
$$;

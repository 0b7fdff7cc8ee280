-- The member rows a group of sends and reads is about: the senders', those of people who block them, and the readers'.
create or replace function group_members(p_rooms text[], p_senders text[], p_read_rooms text[], p_read_users text[])
returns table (room_id text, user_id text) language sql stable
as $$
  with pair as (
    select distinct s.room_id collate "C" as room_id, s.sender_id collate "C" as sender_id
    from unnest(p_rooms, p_senders) s(room_id, sender_id)
    where s.sender_id is not null
  )
  select pair.room_id, pair.sender_id from pair
  union
  select pair.room_id, b.blocker_id from pair join blocks b on b.blocked_id = pair.sender_id
  union
  select q.room_id, q.user_id from unnest(p_read_rooms, p_read_users) q(room_id, user_id)
$$;

-- Whether somebody is in a room now. A room that was deleted has no members, and nobody is a member of a feed here:
-- what people do in rooms they do not do in their notifications.
create or replace function is_chat_member(p_room_id text, p_user_id text)
returns boolean language sql stable
as $$
  select exists (
    select from members m join rooms r on r.id = m.room_id
    where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null and r.kind <> 'feed')
$$;

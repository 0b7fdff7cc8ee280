-- Whether a search of somebody's finds a message: it is there, in a room they are in now, and from nobody they blocked.
create or replace function may_find(p_user_id text, p_message messages)
returns boolean language sql stable
as $$
  select p_message.deleted_at is null and is_chat_member(p_message.room_id, p_user_id)
    and not exists (select from blocks b where b.blocker_id = p_user_id and b.blocked_id = p_message.sender_id)
$$;

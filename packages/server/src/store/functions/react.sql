-- Put an emoji on a message, or take one's own away.
create or replace function react(
  p_user_id text, p_room_id text, p_seq bigint, p_emoji text, p_on boolean, p_max_emoji integer)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  v_message messages;
  v_given boolean;
  v_change bigint;
begin
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;

  --| step look
  if not is_chat_member(p_room_id, p_user_id) then
    return refusal('room_not_found');
  end if;
  select * into v_message from messages x where x.room_id = p_room_id and x.seq = p_seq;
  if not found or v_message.deleted_at is not null then
    return refusal('message_not_found');
  end if;
  select exists (
    select from reactions g
    where g.room_id = p_room_id and g.seq = p_seq and g.emoji = p_emoji and g.user_id = p_user_id
  ) into v_given;
  if v_given = p_on then
    return record_commit(null, null)
      || jsonb_build_object('message', stored_message(v_message), 'changed', false);
  end if;
  if p_on and (
    -- An emoji that is there already may be given by everybody.
    select count(distinct g.emoji) >= p_max_emoji and not coalesce(bool_or(g.emoji = p_emoji), false)
    from reactions g where g.room_id = p_room_id and g.seq = p_seq
  ) then
    return refusal('limit_exceeded', 'reactionsPerMessage');
  end if;

  --| step rise
  update rooms r set change = r.change + 1 where r.id = p_room_id returning r.change into v_change;
  --| step react
  if p_on then
    insert into reactions (room_id, seq, user_id, emoji) values (p_room_id, p_seq, p_user_id, p_emoji);
  else
    delete from reactions g
    where g.room_id = p_room_id and g.seq = p_seq and g.emoji = p_emoji and g.user_id = p_user_id;
  end if;
  --| step write
  update messages x set change = v_change where x.room_id = p_room_id and x.seq = p_seq returning x.* into v_message;

  --| step record
  return record_commit(array[p_room_id], null)
    || jsonb_build_object('message', stored_message(v_message), 'changed', true);
end
$$;

-- Edit one's own message. Counts stay as they are.
create or replace function edit_message(p_user_id text, p_room_id text, p_seq bigint, p_text text)
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  v_message messages;
  v_change bigint;
  v_changed boolean;
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
  if v_message.sender_id is distinct from p_user_id then
    return refusal('forbidden');
  end if;

  v_changed := v_message.text <> p_text;
  if v_changed then
    --| step rise
    update rooms r set change = r.change + 1 where r.id = p_room_id returning r.change into v_change;
    --| step write
    update messages x set text = p_text, edited_at = clock_timestamp(), change = v_change
    where x.room_id = p_room_id and x.seq = p_seq
    returning x.* into v_message;
  end if;

  --| step record
  return record_commit(case when v_changed then array[p_room_id] end, null)
    || jsonb_build_object('message', stored_message(v_message), 'changed', v_changed);
end
$$;

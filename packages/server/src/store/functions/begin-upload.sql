-- A file is announced by somebody who is in the room and has fewer than p_max_uploads files in no message. Answers it as
-- it is known from now on; no bytes yet.
create or replace function begin_upload(
  p_id text, p_user_id text, p_room_id text, p_name text, p_bytes bigint, p_part_bytes bigint, p_max_uploads integer)
returns jsonb language plpgsql volatile
as $$
begin
  --| step lock user
  -- Two at once must not both take the last place, and nobody leaves a file behind whose account goes.
  if not lock_users(array[p_user_id]) then
    return refusal('room_not_found');
  end if;
  --| step look
  if not is_chat_member(p_room_id, p_user_id) then
    return refusal('room_not_found');
  end if;
  if p_max_uploads <= (
      select count(*) from attachments a
      where a.uploader_id = p_user_id and a.message_id is null and a.doomed_at is null) then
    return refusal('limit_exceeded', 'uploadsPerUser');
  end if;
  --| step write
  insert into attachments (id, room_id, uploader_id, name, bytes, part_bytes)
  values (p_id, p_room_id, p_user_id, p_name, p_bytes, p_part_bytes);
  return jsonb_build_object('id', p_id, 'roomId', p_room_id, 'name', p_name, 'bytes', p_bytes, 'received', 0,
    'partBytes', p_part_bytes, 'parts', '[]'::jsonb, 'type', null, 'width', null, 'height', null);
end
$$;

-- Files become those of a message that is about to be sent, or refuses: they have to be the sender's own, whole, for this
-- room, and in no other message. Answers the id that the message is to have: the same one for the same client_id.
create or replace function claim_attachments(
  p_user_id text, p_room_id text, p_client_id text, p_message_id text, p_ids text[])
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  v_message_id text;
begin
  --| step lock
  perform from attachments a where a.id = any(p_ids) order by a.id for update;
  --| step look
  if not is_chat_member(p_room_id, p_user_id) then
    return refusal('room_not_found');
  end if;
  if (select count(*) from attachments a
      where a.id = any(p_ids) and a.uploader_id = p_user_id and a.room_id = p_room_id
        and a.received = a.bytes and a.doomed_at is null) < cardinality(p_ids) then
    return refusal('attachment_not_found');
  end if;
  if exists (select from attachments a where a.id = any(p_ids) and a.client_id <> p_client_id) then
    return refusal('attachment_in_use');
  end if;
  select coalesce(min(a.message_id), p_message_id) into v_message_id from attachments a where a.id = any(p_ids);
  --| step claim
  update attachments a
  set message_id = v_message_id, client_id = p_client_id, updated_at = clock_timestamp()
  where a.id = any(p_ids) and a.message_id is null;

  return jsonb_build_object('messageId', v_message_id, 'attachments', (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', a.id, 'name', a.name, 'type', a.type,
      'bytes', a.bytes, 'width', a.width, 'height', a.height)) order by wanted.place)
    from unnest(p_ids) with ordinality wanted(id, place) join attachments a on a.id = wanted.id));
end
$$;

-- Files become those of a message that is about to be sent, or refuses: they have to be the sender's own, whole, for this
-- room, and in no other message. Answers the id that the message is to have: the same one for the same client_id. The
-- first attempt also gets the moment of its claim, and may release them as long as that is their last one. An attempt after
-- it gets none: the one before may be stored yet, and its files must not go with another message then.
create or replace function claim_attachments(
  p_user_id text, p_room_id text, p_client_id text, p_message_id text, p_ids text[])
returns jsonb language plpgsql volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  -- Whoever sends has waited for the database far less by then.
  c_attempt_is_over_after constant interval := '10 minutes';
  v_message_id text;
  v_is_again boolean;
  v_claimed_at timestamptz;
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
  --| step let go
  -- What an attempt has claimed that is over for long, and was not sent.
  update attachments a set message_id = null, client_id = null
  where a.id = any(p_ids) and a.updated_at < clock_timestamp() - c_attempt_is_over_after
    and a.message_id is not null and not exists (select from messages x where x.id = a.message_id);
  --| step look again
  if exists (select from attachments a where a.id = any(p_ids) and a.client_id <> p_client_id) then
    return refusal('attachment_in_use');
  end if;
  -- Later than any claim before, whatever the clock says: no two have one moment.
  select coalesce(min(a.message_id), p_message_id), count(a.message_id) > 0,
    greatest(clock_timestamp(), max(a.updated_at) + interval '1 microsecond')
  into v_message_id, v_is_again, v_claimed_at
  from attachments a where a.id = any(p_ids);
  --| step claim
  -- Those it has already, too: as long as it is tried to send them, nobody tidies them away.
  update attachments a
  set message_id = v_message_id, client_id = p_client_id, updated_at = v_claimed_at
  where a.id = any(p_ids);

  return jsonb_build_object('messageId', v_message_id,
    'claimedAt', case when not v_is_again then iso_time(v_claimed_at) end, 'attachments', (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', a.id, 'name', a.name, 'type', a.type,
      'bytes', a.bytes, 'width', a.width, 'height', a.height)) order by wanted.place)
    from unnest(p_ids) with ordinality wanted(id, place) join attachments a on a.id = wanted.id));
end
$$;

-- Both are called with more since: which removal it is, and when the token was issued. Nodes of the version before this one
-- go on calling them as they were, while an upgrade goes on or after it was taken back. To be dropped by a later version.
create or replace function remove_account(p_user_id text, p_after_room_id text, p_limit integer, p_messages bigint)
returns jsonb language plpgsql volatile
as $$
declare
  v_user users;
begin
  select * into v_user from users u where u.id = p_user_id;
  -- With a limit of 0 such a node begins it; with another one it goes on, and must not begin one anew.
  if not found or p_limit = 0 and v_user.deleted_at is null then
    return remove_account(p_user_id, null, '', 1, p_messages);
  end if;
  if p_limit = 0 or v_user.deleted_at is null or v_user.removed_at is not null then
    return record_commit(null, null) || jsonb_build_object('afterRoomId', null,
      'more', v_user.deleted_at is not null and v_user.removed_at is null);
  end if;
  return remove_account(p_user_id, v_user.deleted_at, p_after_room_id, p_limit, p_messages);
end
$$;

create or replace function put_device(
  p_user_id text, p_id text, p_sign_in text, p_kind text, p_name text, p_browser text, p_os text,
  p_most_devices integer, p_most_sign_ins integer)
returns jsonb language plpgsql volatile
as $$
begin
  return put_device(p_user_id, p_id, p_sign_in, timestamptz 'infinity', p_kind, p_name, p_browser, p_os,
    p_most_devices, p_most_sign_ins);
end
$$;

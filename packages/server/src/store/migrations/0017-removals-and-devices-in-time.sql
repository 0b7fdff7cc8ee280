-- Both are called with more since: which removal it is, and when the token was issued. Nodes of the version before this one
-- go on calling them as they were, while an upgrade goes on or after it was taken back. To be dropped by a later version.
create or replace function remove_account(p_user_id text, p_after_room_id text, p_limit integer, p_messages bigint)
returns jsonb language plpgsql volatile
as $$
declare
  v_deleted_at timestamptz;
begin
  -- With a limit of 0 such a node begins it; with another one it goes on, and must not begin one anew.
  if p_limit > 0 then
    select coalesce(u.deleted_at, '-infinity') into v_deleted_at from users u where u.id = p_user_id;
  end if;
  return remove_account(p_user_id, v_deleted_at, p_after_room_id, p_limit, p_messages);
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

-- A person is signed in on a device. One device too many takes the place of the one that was not seen for longest, whose
-- sign-ins end with it; of the sign-ins of a device the latest are kept. Refused where the sign-in was ended, or all were
-- that had a token by then: p_issued_at is when this one was issued.
create or replace function put_device(
  p_user_id text, p_id text, p_sign_in text, p_issued_at timestamptz, p_kind text, p_name text, p_browser text, p_os text,
  p_most_devices integer, p_most_sign_ins integer)
returns jsonb language plpgsql volatile
as $$
declare
  v_ended text[] := '{}';
  v_id text;
begin
  --| step lock user
  if not lock_users(array[p_user_id]) then
    return refusal('user_not_found');
  end if;
  --| step look
  if exists (select from sign_ins s where s.user_id = p_user_id and s.sign_in = p_sign_in and s.ended_at is not null)
    or exists (select from revoked_sessions r where r.user_id = p_user_id and r.before > p_issued_at) then
    return refusal('session_revoked');
  end if;

  --| step write
  insert into devices as d (user_id, id, kind, name, browser, os)
  values (p_user_id, p_id, p_kind, p_name, p_browser, p_os)
  on conflict (user_id, id) do update
  set kind = excluded.kind, name = excluded.name, browser = excluded.browser, os = excluded.os,
    last_seen_at = clock_timestamp()
  where (d.kind, d.name, d.browser, d.os) is distinct from
      (excluded.kind, excluded.name, excluded.browser, excluded.os)
    or d.last_seen_at < clock_timestamp() - interval '1 hour';
  insert into sign_ins as s (user_id, sign_in, device_id) values (p_user_id, p_sign_in, p_id)
  on conflict (user_id, sign_in) do update set device_id = excluded.device_id
  where s.device_id is distinct from excluded.device_id;
  delete from sign_ins s where s.user_id = p_user_id and s.sign_in in (
    select o.sign_in from sign_ins o where o.user_id = p_user_id and o.device_id = p_id and o.sign_in <> p_sign_in
    order by o.created_at desc offset p_most_sign_ins - 1);
  -- Where this sign-in was until now, perhaps nobody is signed in any more.
  delete from devices d
  where d.user_id = p_user_id and d.id <> p_id
    and not exists (select from sign_ins s where s.user_id = d.user_id and s.device_id = d.id);

  --| step forget
  for v_id in
    select d.id from devices d where d.user_id = p_user_id and d.id <> p_id
    order by d.last_seen_at desc, d.id offset p_most_devices - 1
  loop
    v_ended := v_ended || end_device(p_user_id, v_id);
  end loop;
  return jsonb_build_object('ended', to_jsonb(v_ended));
end
$$;

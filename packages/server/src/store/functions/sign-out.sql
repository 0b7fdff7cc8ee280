-- A sign-in is good no more, whether or not it was ever said to be some device's. Its device is forgotten, unless somebody
-- is still signed in on it by another one.
create or replace function sign_out(p_user_id text, p_sign_in text)
returns void language plpgsql volatile
as $$
declare
  v_id text;
begin
  --| step lock user
  perform from users u where u.id = p_user_id for no key update;
  --| step look
  select s.device_id into v_id from sign_ins s where s.user_id = p_user_id and s.sign_in = p_sign_in;
  --| step end
  insert into sign_ins as s (user_id, sign_in, ended_at) values (p_user_id, p_sign_in, clock_timestamp())
  on conflict (user_id, sign_in) do update set ended_at = excluded.ended_at, device_id = null
  where s.ended_at is null;
  --| step forget
  delete from devices d
  where d.user_id = p_user_id and d.id = v_id
    and not exists (select from sign_ins s where s.user_id = d.user_id and s.device_id = d.id);
end
$$;

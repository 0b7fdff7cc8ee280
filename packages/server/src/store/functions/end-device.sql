-- A device is forgotten, and what it was signed in with is good no more. Answers with which sign-ins that was.
create or replace function end_device(p_user_id text, p_id text)
returns text[] language plpgsql volatile
as $$
declare
  v_ended text[];
begin
  --| step lock user
  -- Whoever writes somebody's devices or sign-ins holds the person.
  perform from users u where u.id = p_user_id for no key update;
  --| step end
  with ended as (
    update sign_ins s set ended_at = clock_timestamp(), device_id = null
    where s.user_id = p_user_id and s.device_id = p_id
    returning s.sign_in
  )
  select coalesce(array_agg(ended.sign_in), '{}') into v_ended from ended;
  --| step forget
  delete from devices d where d.user_id = p_user_id and d.id = p_id;
  return v_ended;
end
$$;

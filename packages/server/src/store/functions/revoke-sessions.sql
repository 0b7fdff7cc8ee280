-- Tokens of a person that were issued until now are good no more, and the person is signed in nowhere. Sign-ins that were
-- ended for ever stay so; the others may go on with a newer token.
create or replace function revoke_sessions(p_user_id text)
returns void language plpgsql volatile
as $$
begin
  --| step lock user
  perform from users u where u.id = p_user_id for no key update;
  --| step forget
  delete from sign_ins s where s.user_id = p_user_id and s.ended_at is null;
  delete from devices d where d.user_id = p_user_id;
  --| step revoke
  insert into revoked_sessions as r (user_id, before) values (p_user_id, clock_timestamp())
  on conflict (user_id) do update set before = excluded.before;
end
$$;

-- Locks people who are to join or to block, in the one order, and answers whether all of them exist.
create or replace function lock_users(p_user_ids text[])
returns boolean language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_locked text[];
begin
  select array_agg(l.id) into v_locked
  from (
    select u.id from users u where u.id = any(p_user_ids) and u.deleted_at is null order by u.id for no key update
  ) l;
  return p_user_ids <@ coalesce(v_locked, '{}');
end
$$;

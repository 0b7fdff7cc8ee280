-- The feed was seen up to a place, or all of it (null); never beyond its head, and never less than before. Answers what all
-- of the person's devices agree on.
create or replace function see_feed(p_user_id text, p_up_to_seq bigint)
returns jsonb language plpgsql volatile
as $$
begin
  --| step write
  insert into person_settings as s (user_id, seen_seq)
  select r.created_by, least(r.seq, coalesce(p_up_to_seq, r.seq)) from rooms r
  where r.id = 'feed:' || p_user_id and r.created_by = p_user_id and p_up_to_seq is distinct from 0
  on conflict (user_id) do update set seen_seq = excluded.seen_seq where s.seen_seq < excluded.seen_seq;
  --| step look
  return jsonb_build_object('rose', found) || feed_state(p_user_id);
end
$$;

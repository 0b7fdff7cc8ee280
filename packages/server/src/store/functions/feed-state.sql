-- What all devices of a person agree on about the feed beside its count, as the program reads it (FeedState).
create or replace function feed_state(p_user_id text)
returns jsonb language sql stable
as $$
  select jsonb_build_object(
    'seenSeq', coalesce(s.seen_seq, 0), 'change', coalesce(r.change, 0), 'preferencesRev', coalesce(s.preferences_rev, 0))
  from (select 1) one
  left join person_settings s on s.user_id = p_user_id
  left join rooms r on r.id = 'feed:' || p_user_id
$$;

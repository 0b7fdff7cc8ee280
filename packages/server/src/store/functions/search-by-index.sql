-- Messages that the index has for a condition, the newest first, of rooms somebody is in. At most p_most are looked at:
-- if there are more, isComplete is false and nothing else is said, because which ones these are is chance.
create or replace function search_by_index(
  p_user_id text, p_condition tsquery, p_room_id text,
  p_before timestamptz, p_before_room_id text, p_before_seq bigint, p_limit integer, p_most integer)
returns jsonb language plpgsql stable
set plan_cache_mode = force_custom_plan set enable_bitmapscan = on set enable_seqscan = off set jit = off
as $$
declare
  v_room_ids text[];
  v_seqs bigint[];
begin
  select array_agg(f.room_id order by f.created_at desc, f.room_id desc, f.seq desc),
    array_agg(f.seq order by f.created_at desc, f.room_id desc, f.seq desc)
  into v_room_ids, v_seqs
  from (
    select s.room_id, s.seq, s.created_at from message_search s
    where s.tokens @@ p_condition and (p_room_id is null or s.room_id = p_room_id)
      and (p_before is null or (s.created_at, s.room_id, s.seq) < (p_before, p_before_room_id, p_before_seq))
    limit p_most
  ) f;
  if cardinality(v_room_ids) = p_most then
    return jsonb_build_object('isComplete', false);
  end if;
  return jsonb_build_object('isComplete', true, 'messages', (
    select coalesce(jsonb_agg(found.message), '[]')
    from (
      select found_message(x) as message
      from unnest(v_room_ids, v_seqs) with ordinality f(room_id, seq, place)
      cross join lateral (
        select y.* from messages y where y.room_id = f.room_id and y.seq = f.seq order by y.seq limit 1) x
      where may_find(p_user_id, x)
      order by f.place limit p_limit
    ) found));
end
$$;

-- The same for what is found too often to look at all of it: from the newest message back, until enough are found or
-- p_most were looked at. stoppedAt is where to go on; null at the end.
create or replace function search_newest(
  p_user_id text, p_condition tsquery, p_room_id text,
  p_before timestamptz, p_before_room_id text, p_before_seq bigint, p_limit integer, p_most integer)
returns jsonb language plpgsql stable
set plan_cache_mode = force_custom_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
declare
  v_entry record;
  v_message jsonb;
  v_looked integer := 0;
  v_found jsonb[] := '{}';
begin
  for v_entry in
    select s.room_id, s.seq, s.created_at,
      s.tokens @@ p_condition and (p_room_id is null or s.room_id = p_room_id) as hit
    from message_search s
    where (s.created_at, s.room_id, s.seq) <
      (coalesce(p_before, 'infinity'), coalesce(p_before_room_id, ''), coalesce(p_before_seq, 0))
    order by s.created_at desc, s.room_id desc, s.seq desc limit p_most
  loop
    v_looked := v_looked + 1;
    if v_entry.hit then
      select found_message(x) into v_message from messages x
      where x.room_id = v_entry.room_id and x.seq = v_entry.seq and may_find(p_user_id, x);
      if found then
        v_found := v_found || v_message;
        exit when cardinality(v_found) = p_limit;
      end if;
    end if;
  end loop;
  return jsonb_build_object('messages', to_jsonb(v_found), 'stoppedAt',
    case when v_looked = p_most or cardinality(v_found) = p_limit then jsonb_build_object(
      'createdAt', iso_time(v_entry.created_at), 'roomId', v_entry.room_id, 'seq', v_entry.seq) end);
end
$$;

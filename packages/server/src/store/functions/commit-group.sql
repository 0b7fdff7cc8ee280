-- Commits a group of sends and of reads at the head: one call, one round trip, one transaction.
--
-- p_rooms are the rooms of the sends, p_row_rooms and p_row_users the member rows of their senders, each once. A send
-- names its own by their places there (p_room_ats, p_row_ats: 0 without a sender), and the first send of the group with
-- the same clientId (p_firsts: itself without one). What belongs to a room, a row or a send stands in arrays beside
-- these.
--
-- Most groups are small, and what a small one costs is making plans ready to run: so there are few statements, of few
-- parts. Look-ups among messages are lateral with a limit, in the order of the one index that fits, and the planner
-- must not scan: the plans are made once, perhaps while the tables are empty, and must be good when they are full.
--
-- Unless p_wait, nothing here waits for rooms or rows that others hold: such sends and reads come back as 'busy' and go
-- alone, so that one busy room does not hold up the rest.
--
-- Answers, in the order of the arguments,
--   of the sends: outcomes, seqs, tallies, changes, times and messages, an outcome being one of
--     new · stored (was sent before; its message is the original) · echo (the same as the first of this group) ·
--     client_id_conflict · busy · room_not_found · message_not_found
--   of the reads: [readSeq, readEpoch] as they are now, both null when there is no such room or member
-- then advanced: [roomId, userId] of the reads that changed something, busyRows: of those that did not happen,
-- and what was committed: rooms, members, outboxId.
create or replace function commit_group(
  p_rooms text[], p_row_rooms text[], p_row_users text[],
  p_room_ats integer[], p_row_ats integer[], p_firsts integer[], p_send_rooms text[], p_senders text[],
  p_system boolean[], p_counted boolean[], p_ids text[], p_types text[], p_texts text[], p_data text[],
  p_client_ids text[], p_fingerprints text[], p_reply_tos bigint[],
  p_read_rooms text[], p_read_users text[], p_read_epochs bigint[], p_wait boolean)
returns json language plpgsql volatile
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  -- The reads that looked as if they would change something.
  v_read_rooms text[];
  v_read_users text[];
  v_read_epochs bigint[];
  -- Rooms that are ours, that somebody else holds, and that are not there.
  v_locked_rooms text[];
  v_busy_rooms text[];
  v_missing_rooms text[];
  -- Member rows of people who block a sender, and of which sender (a place in p_row_rooms).
  v_blocker_rooms text[];
  v_blocker_users text[];
  v_blocked_ats integer[];
  -- All the rows that are needed, those that are ours, and those that somebody else holds.
  v_row_rooms text[];
  v_row_users text[];
  v_locked_rows bigint[];
  v_busy_row_rooms text[];
  v_busy_row_users text[];
  -- Beside p_rooms: by how many messages, and counted ones, each rises, and when its newest one was made.
  v_rises bigint[] := array_fill(0::bigint, array[cardinality(p_rooms)]);
  v_counted bigint[] := v_rises;
  v_last_ats timestamptz[] := array_fill(null::timestamptz, array[cardinality(p_rooms)]);
  -- Beside p_row_rooms: how many messages each settles.
  v_own bigint[] := array_fill(0::bigint, array[cardinality(p_row_rooms)]);
  -- Beside the sends.
  v_outcomes text[] := array_fill(null::text, array[cardinality(p_ids)]);
  v_seqs bigint[] := array_fill(null::bigint, array[cardinality(p_ids)]);
  v_tallies bigint[] := v_seqs;
  v_changes bigint[] := v_seqs;
  v_created_ats timestamptz[] := array_fill(null::timestamptz, array[cardinality(p_ids)]);
  v_times text[] := v_outcomes;
  v_messages jsonb[] := array_fill(null::jsonb, array[cardinality(p_ids)]);
  -- What was written.
  v_rooms json;
  v_room_spans json;
  v_members json[];
  v_member_keys json[];
  v_advanced json;
  v_outbox_id bigint;
  -- At hand.
  v_now timestamptz;
  v_send record;
  v_at integer;
  v_outcome text;
begin
  --| step look at reads
  -- A read that changes nothing must not even lock: a lock alone costs a flush of the log.
  if cardinality(p_read_rooms) > 0 then
    select array_agg(q.room_id), array_agg(q.user_id), array_agg(q.read_epoch)
    into v_read_rooms, v_read_users, v_read_epochs
    from unnest(p_read_rooms, p_read_users, p_read_epochs) q(room_id, user_id, read_epoch)
    cross join lateral (
      select m.read_seq, m.read_epoch from members m
      where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null limit 1
    ) m
    cross join lateral (select r.seq from rooms r where r.id = q.room_id and r.kind <> 'feed' limit 1) r
    where r.seq > m.read_seq and coalesce(q.read_epoch >= m.read_epoch, true);
  end if;

  --| step lock rooms
  if p_wait then
    select array_agg(l.id) into v_locked_rooms
    from (select r.id from rooms r where r.id = any(p_rooms) order by r.id for no key update) l;
  else
    select array_agg(l.id) into v_locked_rooms
    from (select r.id from rooms r where r.id = any(p_rooms) order by r.id for no key update skip locked) l;
  end if;
  --| step look for busy rooms
  -- One that is not locked is not written to, even if it should come into being at this very moment.
  if coalesce(cardinality(v_locked_rooms), 0) < cardinality(p_rooms) then
    select array_agg(other.id) filter (where other.is_busy), array_agg(other.id) filter (where not other.is_busy)
    into v_busy_rooms, v_missing_rooms
    from (
      select unlocked.id, not p_wait and exists (select from rooms r where r.id = unlocked.id) as is_busy
      from (select unnest(p_rooms) except select unnest(v_locked_rooms)) unlocked(id)
    ) other;
  end if;

  --| step look for blockers
  select array_agg(s.room_id), array_agg(b.blocker_id), array_agg(s.at)
  into v_blocker_rooms, v_blocker_users, v_blocked_ats
  from unnest(p_row_rooms, p_row_users) with ordinality s(room_id, user_id, at)
  join blocks b on b.blocked_id = s.user_id;
  v_row_rooms := p_row_rooms || v_blocker_rooms || v_read_rooms;
  v_row_users := p_row_users || v_blocker_users || v_read_users;
  --| step lock members
  if p_wait then
    perform from unnest(v_row_rooms, v_row_users) needed(room_id, user_id)
    join members m on m.room_id = needed.room_id and m.user_id = needed.user_id
    order by m.room_id, m.user_id for no key update of m;
  else
    select array_agg(l.at) into v_locked_rows
    from (
      select needed.at from unnest(v_row_rooms, v_row_users) with ordinality needed(room_id, user_id, at)
      join members m on m.room_id = needed.room_id and m.user_id = needed.user_id
      order by m.room_id, m.user_id for no key update of m skip locked
    ) l;
  end if;
  if not p_wait and coalesce(cardinality(v_locked_rows), 0) < cardinality(v_row_rooms) then
    --| step look for busy members
    select array_agg(needed.room_id), array_agg(needed.user_id) into v_busy_row_rooms, v_busy_row_users
    from unnest(v_row_rooms, v_row_users) with ordinality needed(room_id, user_id, at)
    where (needed.at = any(v_locked_rows)) is not true and exists (
      select from members m where m.room_id = needed.room_id and m.user_id = needed.user_id);
  end if;

  --| step look and number
  -- Duplicates come before permission: an answer that was given once is given again, even to somebody who left since.
  -- A number once given must be used, so everything that could refuse a message is asked here, before.
  v_now := clock_timestamp();
  for v_send in
    select s.i, s.room_at, s.row_at, s.first, s.room_id, s.fingerprint, s.system, s.counted, s.reply_to,
      stored.seq as stored_seq, stored.fingerprint as stored_fingerprint, r.id is not null as has_room,
      r.kind = 'feed' as is_feed, r.seq, r.tally, r.change, r.last_at, m.user_id is not null as is_member,
      reply.seq as reply_seq
    from unnest(p_room_ats, p_row_ats, p_firsts, p_send_rooms, p_senders, p_system, p_counted, p_client_ids,
        p_fingerprints, p_reply_tos)
      with ordinality s(room_at, row_at, first, room_id, sender_id, system, counted, client_id,
        fingerprint, reply_to, i)
    left join lateral (
      select x.seq, x.fingerprint from messages x
      where x.room_id = s.room_id and x.client_id = s.client_id and x.sender_id is not distinct from s.sender_id
      order by x.sender_id limit 1
    ) stored on true
    left join rooms r on r.id = s.room_id and r.deleted_at is null
    left join members m on m.room_id = s.room_id and m.user_id = s.sender_id and m.left_at is null
    left join lateral (
      select x.seq from messages x where x.room_id = s.room_id and x.seq >= s.reply_to order by x.seq limit 1
    ) reply on true
    order by s.i
  loop
    v_outcome := case
      when v_send.room_id = any(v_busy_rooms) or v_send.room_id = any(v_busy_row_rooms) then 'busy'
      when v_send.room_id = any(v_missing_rooms) then 'room_not_found'
      when v_send.stored_seq is not null then
        case when v_send.stored_fingerprint = v_send.fingerprint then 'stored' else 'client_id_conflict' end
      when v_send.first < v_send.i then
        case when p_fingerprints[v_send.first] = v_send.fingerprint then 'echo' else 'client_id_conflict' end
      when not v_send.has_room or not (v_send.system or v_send.is_member and not v_send.is_feed) then 'room_not_found'
      when v_send.reply_seq is distinct from v_send.reply_to then 'message_not_found'
      else 'new'
    end;
    v_outcomes[v_send.i] := v_outcome;
    if v_outcome = 'new' then
      v_at := v_send.room_at;
      v_rises[v_at] := v_rises[v_at] + 1;
      if v_send.counted then
        v_counted[v_at] := v_counted[v_at] + 1;
        if v_send.row_at > 0 then v_own[v_send.row_at] := v_own[v_send.row_at] + 1; end if;
      end if;
      v_seqs[v_send.i] := v_send.seq + v_rises[v_at];
      v_tallies[v_send.i] := v_send.tally + v_counted[v_at];
      v_changes[v_send.i] := v_send.change + v_rises[v_at];
      -- Rises strictly within the room, whatever the clock does.
      v_last_ats[v_at] := greatest(v_now, coalesce(v_last_ats[v_at], v_send.last_at) + interval '1 microsecond');
      v_created_ats[v_send.i] := v_last_ats[v_at];
      v_times[v_send.i] := iso_time(v_last_ats[v_at]);
    elsif v_outcome = 'stored' then
      v_messages[v_send.i] := stored_message_at(v_send.room_id, v_send.stored_seq);
    end if;
  end loop;

  if v_read_rooms is not null then
    --| step read
    -- Before the rooms rise: a read in this group is a read to the head as it was, below the sends of this group.
    with touched as (
      update members m set settled = head.tally, read_seq = head.seq, version = m.version + 1
      from (
        select distinct q.room_id, q.user_id, r.seq, r.tally
        from unnest(v_read_rooms, v_read_users, v_read_epochs) q(room_id, user_id, read_epoch)
        cross join lateral (
          select m.read_seq, m.read_epoch from members m
          where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null limit 1
        ) m
        cross join lateral (select r.seq, r.tally from rooms r where r.id = q.room_id limit 1) r
        where r.seq > m.read_seq and coalesce(q.read_epoch >= m.read_epoch, true)
          and not exists (
            select from unnest(v_busy_row_rooms, v_busy_row_users) busy(room_id, user_id)
            where busy.room_id = q.room_id and busy.user_id = q.user_id)
      ) head
      where m.room_id = head.room_id and m.user_id = head.user_id
      returning m.room_id, m.user_id, member_state(m) as state
    )
    select array_agg(t.state), array_agg(json_build_object('roomId', t.room_id, 'userId', t.user_id)),
      json_agg(json_build_array(t.room_id, t.user_id))
    into v_members, v_member_keys, v_advanced
    from touched t;
  end if;
  --| step settle
  with touched as (
    update members m set settled = m.settled + due.messages, version = m.version + due.messages
    from unnest(p_row_rooms, p_row_users, v_own) due(room_id, user_id, messages)
    where due.messages > 0 and m.room_id = due.room_id and m.user_id = due.user_id
    returning m.room_id, m.user_id, member_state(m) as state
  )
  select v_members || array_agg(t.state),
    v_member_keys || array_agg(json_build_object('roomId', t.room_id, 'userId', t.user_id))
  into v_members, v_member_keys
  from touched t;
  if v_blocker_users is not null then
    --| step settle for blockers
    -- Aggregated first: UPDATE ... FROM applies only one of several matching rows.
    with due as (
      select b.room_id, b.user_id, sum(v_own[b.at])::bigint as messages
      from unnest(v_blocker_rooms, v_blocker_users, v_blocked_ats) b(room_id, user_id, at)
      where v_own[b.at] > 0
      group by b.room_id, b.user_id
    ), touched as (
      update members m set settled = m.settled + due.messages, version = m.version + due.messages
      from due where m.room_id = due.room_id and m.user_id = due.user_id
      returning m.room_id, m.user_id, member_state(m) as state
    )
    select v_members || array_agg(t.state),
      v_member_keys || array_agg(json_build_object('roomId', t.room_id, 'userId', t.user_id))
    into v_members, v_member_keys
    from touched t;
  end if;

  --| step insert
  insert into messages (room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text, data, counted,
    reply_to, created_at)
  select s.room_id, s.seq, s.id, s.tally, s.change, s.sender_id, s.client_id,
    case when s.client_id is not null then s.fingerprint end, s.type, s.text, s.data::jsonb, s.counted,
    s.reply_to, s.created_at
  from unnest(p_send_rooms, v_seqs, p_ids, v_tallies, v_changes, p_senders, p_client_ids, p_fingerprints, p_types,
      p_texts, p_data, p_counted, p_reply_tos, v_created_ats)
    s(room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text,
      data, counted, reply_to, created_at)
  where s.seq is not null;

  --| step rise
  with risen as (
    update rooms r set seq = r.seq + head.messages, tally = r.tally + head.counted, change = r.change + head.messages,
      last_at = head.last_at
    from unnest(p_rooms, v_rises, v_counted, v_last_ats) head(id, messages, counted, last_at)
    where head.messages > 0 and r.id = head.id
    returning room_head(r) as state, r.id, r.seq - head.messages + 1 as first, r.seq as last
  )
  select json_agg(risen.state),
    json_agg(json_build_object('roomId', risen.id, 'first', risen.first, 'last', risen.last))
  into v_rooms, v_room_spans
  from risen;

  if v_rooms is not null or v_members is not null then
    --| step record
    insert into outbox (payload)
    values (json_build_object('rooms', coalesce(v_room_spans, '[]'), 'members', coalesce(to_json(v_member_keys), '[]')))
    returning id into v_outbox_id;
  end if;

  --| step answer
  return json_build_object(
    'outcomes', v_outcomes, 'seqs', v_seqs, 'tallies', v_tallies, 'changes', v_changes, 'times', v_times,
    'messages', v_messages,
    'reads', case when cardinality(p_read_rooms) > 0 then (
      select json_agg(json_build_array(m.read_seq, m.read_epoch))
      from unnest(p_read_rooms, p_read_users) q(room_id, user_id)
      left join lateral (
        select m.read_seq, m.read_epoch from members m join rooms r on r.id = m.room_id
        where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null and r.kind <> 'feed' limit 1
      ) m on true) end,
    'advanced', coalesce(v_advanced, '[]'),
    'busyRows', case when v_busy_row_rooms is not null then (
      select json_agg(json_build_array(b.room_id, b.user_id))
      from unnest(v_busy_row_rooms, v_busy_row_users) b(room_id, user_id)) end,
    'rooms', coalesce(v_rooms, '[]'), 'members', coalesce(to_json(v_members), '[]'), 'outboxId', v_outbox_id::text);
end
$$;

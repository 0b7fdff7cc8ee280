-- Commits a group of sends and of reads at the head: one call, one round trip, one transaction.
--
-- The arrays of the sends run side by side, those of the reads too; what is found out about the sends is kept in more
-- such arrays. Look-ups are lateral with a limit, in the order of the one index that fits, and the planner must not
-- scan: the plans are made once, perhaps while the tables are empty, and must be good when they are full.
--
-- Unless p_wait, nothing here waits for rooms or rows that others hold: such sends and reads come back as 'busy' and go
-- alone, so that one busy room does not hold up the rest.
--
-- Answers, in the order of the arguments,
--   sends: [outcome, first, seq, tally, change, createdAt, message], the outcome being one of
--     new · stored (was sent before; message is the original) · echo (the same as send number `first` of this group) ·
--     client_id_conflict · busy · room_not_found · message_not_found
--   reads: [readSeq, readEpoch] as they are now, both null when there is no such room or member
-- then advanced: [roomId, userId] of the reads that changed something, busyRows: of those that did not happen,
-- and what was committed: rooms, members, outboxId.
create or replace function commit_group(
  p_rooms text[], p_senders text[], p_system boolean[], p_counted boolean[], p_ids text[], p_types text[],
  p_texts text[], p_data text[], p_client_ids text[], p_fingerprints text[], p_reply_tos bigint[],
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
  -- What is ours, and what somebody else holds.
  v_locked_rooms text[];
  v_busy_rooms text[];
  v_missing_rooms text[];
  v_busy_row_rooms text[];
  v_busy_row_users text[];
  -- Beside the sends.
  v_outcomes text[];
  v_firsts bigint[];
  v_seqs bigint[];
  v_tallies bigint[];
  v_changes bigint[];
  v_times timestamptz[];
  -- What was written.
  v_rooms json;
  v_room_spans json;
  v_members json;
  v_member_keys json;
  v_advanced json;
  v_now timestamptz;
  v_outbox_id bigint;
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
  if cardinality(v_locked_rooms) is distinct from cardinality(p_rooms) then
    select array_agg(other.id) filter (where other.is_busy), array_agg(other.id) filter (where not other.is_busy)
    into v_busy_rooms, v_missing_rooms
    from (
      select unlocked.id, not p_wait and exists (select from rooms r where r.id = unlocked.id) as is_busy
      from (select unnest(p_rooms) except select unnest(v_locked_rooms)) unlocked(id)
    ) other;
  end if;

  --| step lock members
  if p_wait then
    perform from group_members(p_rooms, p_senders, v_read_rooms, v_read_users) needed
    join members m on m.room_id = needed.room_id and m.user_id = needed.user_id
    order by m.room_id, m.user_id for no key update of m;
  else
    with needed as materialized (
      select n.room_id, n.user_id from group_members(p_rooms, p_senders, v_read_rooms, v_read_users) n
    ), locked as materialized (
      select m.room_id, m.user_id from needed n join members m on m.room_id = n.room_id and m.user_id = n.user_id
      order by m.room_id, m.user_id for no key update of m skip locked
    )
    select array_agg(missing.room_id), array_agg(missing.user_id) into v_busy_row_rooms, v_busy_row_users
    from (select n.room_id, n.user_id from needed n except select l.room_id, l.user_id from locked l) missing
    where exists (select from members m where m.room_id = missing.room_id and m.user_id = missing.user_id);
  end if;

  --| step look and number
  -- Duplicates come before permission: an answer that was given once is given again, even to somebody who left since.
  -- A number once given must be used, so everything that could refuse a message is asked here, before.
  v_now := clock_timestamp();
  select array_agg(s.outcome), array_agg(s.first),
    array_agg(case s.outcome when 'new' then s.room_seq + s.place when 'stored' then s.stored_seq end),
    array_agg(s.room_tally + s.counted_place), array_agg(s.room_change + s.place),
    -- Rises strictly within the room, whatever the clock does.
    array_agg(greatest(v_now, s.last_at + interval '1 microsecond') + (s.place - 1) * interval '1 microsecond')
  into v_outcomes, v_firsts, v_seqs, v_tallies, v_changes, v_times
  from (
    select looked.*,
      count(*) filter (where looked.outcome = 'new') over so_far as place,
      count(*) filter (where looked.outcome = 'new' and looked.counted) over so_far as counted_place
    from (
      select s.i, s.first, s.room_id, s.counted, stored.seq as stored_seq,
        r.seq as room_seq, r.tally as room_tally, r.change as room_change, r.last_at,
        case
          when s.room_id = any(v_busy_rooms) or s.room_id = any(v_busy_row_rooms) then 'busy'
          when s.room_id = any(v_missing_rooms) then 'room_not_found'
          when stored.seq is not null then
            case when stored.fingerprint = s.fingerprint then 'stored' else 'client_id_conflict' end
          when s.first < s.i then
            case when s.first_fingerprint = s.fingerprint then 'echo' else 'client_id_conflict' end
          when r.id is null or not (s.system or (m.user_id is not null and r.kind <> 'feed')) then 'room_not_found'
          when reply.seq is distinct from s.reply_to then 'message_not_found'
          else 'new'
        end as outcome
      from (
        select given.*,
          case when given.client_id is null then given.i else first_value(given.i) over same end as first,
          first_value(given.fingerprint) over same as first_fingerprint
        from unnest(p_rooms, p_senders, p_system, p_counted, p_client_ids, p_fingerprints, p_reply_tos)
          with ordinality given(room_id, sender_id, system, counted, client_id, fingerprint, reply_to, i)
        window same as (
          partition by given.client_id collate "C", given.room_id collate "C", given.sender_id collate "C"
          order by given.i)
      ) s
      left join lateral (
        select x.seq, x.fingerprint from messages x
        where x.room_id = s.room_id and x.client_id = s.client_id and x.sender_id is not distinct from s.sender_id
        order by x.sender_id limit 1
      ) stored on true
      left join lateral (
        select r.id, r.kind, r.seq, r.tally, r.change, r.last_at from rooms r
        where r.id = s.room_id and r.deleted_at is null limit 1
      ) r on true
      left join lateral (
        select m.user_id from members m
        where m.room_id = s.room_id and m.user_id = s.sender_id and m.left_at is null limit 1
      ) m on true
      left join lateral (
        select x.seq from messages x where x.room_id = s.room_id and x.seq >= s.reply_to order by x.seq limit 1
      ) reply on true
    ) looked
    window so_far as (partition by looked.room_id collate "C" order by looked.i)
    order by looked.i
  ) s;

  --| step settle
  -- Before the rooms rise: a read in this group is a read to the head as it was, below the sends of this group.
  -- Aggregated first: UPDATE ... FROM applies only one of several matching rows.
  with own as (
    select s.room_id, s.sender_id as user_id, count(*) as messages
    from unnest(p_rooms, p_senders, p_counted, v_outcomes) s(room_id, sender_id, counted, outcome)
    where s.outcome = 'new' and s.counted and s.sender_id is not null
    group by s.room_id, s.sender_id
  ), due as (
    select d.room_id, d.user_id, sum(d.messages)::bigint as messages, bool_or(d.reads) as reads
    from (
      select own.room_id, own.user_id, own.messages, false from own
      union all
      select own.room_id, b.blocker_id, own.messages, false from own join blocks b on b.blocked_id = own.user_id
      union all
      select q.room_id, q.user_id, 0, true
      from unnest(v_read_rooms, v_read_users, v_read_epochs) q(room_id, user_id, read_epoch)
      cross join lateral (
        select m.read_seq, m.read_epoch from members m
        where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null limit 1
      ) m
      cross join lateral (select r.seq from rooms r where r.id = q.room_id limit 1) r
      where r.seq > m.read_seq and coalesce(q.read_epoch >= m.read_epoch, true)
        and not exists (
          select from unnest(v_busy_row_rooms, v_busy_row_users) busy(room_id, user_id)
          where busy.room_id = q.room_id and busy.user_id = q.user_id)
    ) d(room_id, user_id, messages, reads)
    group by d.room_id, d.user_id
  ), touched as (
    update members m
    set settled = case when due.reads then r.tally else m.settled end + due.messages,
      read_seq = case when due.reads then r.seq else m.read_seq end,
      version = m.version + due.messages + due.reads::integer
    from due join rooms r on r.id = due.room_id
    where m.room_id = due.room_id and m.user_id = due.user_id
    returning m.room_id, m.user_id, due.reads, member_state(m) as state
  )
  select json_agg(t.state), json_agg(json_build_object('roomId', t.room_id, 'userId', t.user_id)),
    json_agg(json_build_array(t.room_id, t.user_id)) filter (where t.reads)
  into v_members, v_member_keys, v_advanced
  from touched t;

  --| step insert
  insert into messages (room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text, data, counted,
    reply_to, created_at)
  select s.room_id, s.seq, s.id, s.tally, s.change, s.sender_id, s.client_id,
    case when s.client_id is not null then s.fingerprint end, s.type, s.text, s.data::jsonb, s.counted,
    s.reply_to, s.created_at
  from unnest(p_rooms, v_seqs, p_ids, v_tallies, v_changes, p_senders, p_client_ids, p_fingerprints, p_types, p_texts,
      p_data, p_counted, p_reply_tos, v_times, v_outcomes)
    s(room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text,
      data, counted, reply_to, created_at, outcome)
  where s.outcome = 'new';

  --| step rise
  with head as (
    select s.room_id, min(s.seq) as first, max(s.seq) as last, max(s.tally) as tally, max(s.change) as change,
      max(s.created_at) as created_at
    from unnest(p_rooms, v_seqs, v_tallies, v_changes, v_times, v_outcomes)
      s(room_id, seq, tally, change, created_at, outcome)
    where s.outcome = 'new'
    group by s.room_id
  ), risen as (
    update rooms r set seq = head.last, tally = head.tally, change = head.change, last_at = head.created_at
    from head where r.id = head.room_id
    returning room_head(r) as state, r.id, head.first, head.last
  )
  select json_agg(risen.state),
    json_agg(json_build_object('roomId', risen.id, 'first', risen.first, 'last', risen.last))
  into v_rooms, v_room_spans
  from risen;

  if v_rooms is not null or v_members is not null then
    --| step record
    insert into outbox (payload)
    values (json_build_object('rooms', coalesce(v_room_spans, '[]'), 'members', coalesce(v_member_keys, '[]')))
    returning id into v_outbox_id;
  end if;

  --| step answer
  return json_build_object(
    'sends', (
      select json_agg(json_build_array(s.outcome, s.first - 1, s.seq, s.tally, s.change,
        case s.outcome when 'new' then iso_time(s.created_at) end,
        case s.outcome when 'stored' then stored_message_at(s.room_id, s.seq) end))
      from unnest(p_rooms, v_outcomes, v_firsts, v_seqs, v_tallies, v_changes, v_times)
        s(room_id, outcome, first, seq, tally, change, created_at)),
    'reads', (
      select json_agg(json_build_array(m.read_seq, m.read_epoch))
      from unnest(p_read_rooms, p_read_users) q(room_id, user_id)
      left join lateral (
        select m.read_seq, m.read_epoch from members m join rooms r on r.id = m.room_id
        where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null and r.kind <> 'feed' limit 1
      ) m on true),
    'advanced', coalesce(v_advanced, '[]'),
    'busyRows', (
      select json_agg(json_build_array(b.room_id, b.user_id))
      from unnest(v_busy_row_rooms, v_busy_row_users) b(room_id, user_id)),
    'rooms', coalesce(v_rooms, '[]'), 'members', coalesce(v_members, '[]'), 'outboxId', v_outbox_id::text);
end
$$;

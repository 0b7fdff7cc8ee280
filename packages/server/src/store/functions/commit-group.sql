-- Commits a group of sends and of reads at the head: one call, one round trip, one transaction.
--
-- p_rooms are the rooms of the sends, sorted, and p_row_rooms and p_row_users the member rows of their senders, each
-- once. A send names its own by their places there (p_room_ats, p_row_ats: 0 without a sender). It comes with the numbers
-- it has if every send of the group is stored: the how many-th of its room it is (p_nths), and how many counted ones there
-- are up to it (p_counted_nths); p_rises, p_counted_rises and p_own are how many a room, or a row, gets then. p_firsts is
-- the first send of the group with the same clientId. Null are lists that say nothing: p_counted, p_counted_nths and
-- p_counted_rises where all are counted, p_system where all are members', p_firsts, p_data, p_reply_tos and the reads
-- where there are none.
--
-- Nearly always every send is stored. So one statement, and another where messages are answered, asks whether anything
-- speaks against that, and only if something does, each send is looked at, and the rest numbered anew.
--
-- What is made of a row is told in columns: an object for each costs more than to write it. Rows are made of lists by
-- several unnest beside each other in one select: in FROM each list would be copied first. Look-ups among messages are
-- lateral with a limit, in the order of the one index that fits, and the planner must not scan: the plans are made once,
-- perhaps while the tables are empty, and must be good when they are full.
--
-- Unless p_wait, nothing here waits for rooms or rows that others hold: such sends and reads come back as 'busy' and go
-- alone, so that one busy room does not hold up the rest.
--
-- Answers, in the order of the arguments,
--   outcomes of the sends: null is new; null altogether when all are. Otherwise one of
--     stored (was sent before; beside it in messages is the original) · echo (the same as the first of this group) ·
--     client_id_conflict · busy · room_not_found · message_not_found
--   now, the time of the first new message of a room, which the next ones follow by a microsecond each; times are beside
--     p_rooms, of rooms in which the first one came later, null when there are none
--   reads: [readSeq, readEpoch] as they are now, both null when there is no such room or member
--   advanced: [roomId, userId] of the reads that changed something, busyRows: of those that did not happen,
-- and what was committed, after it: rooms and members in columns, outboxId.
create or replace function commit_group(
  p_rooms text[], p_rises integer[], p_counted_rises integer[],
  p_row_rooms text[], p_row_users text[], p_own integer[],
  p_room_ats integer[], p_row_ats integer[], p_nths integer[], p_counted_nths integer[], p_firsts integer[],
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
  -- Of the rooms that are ours: the newest message of all, and whether one is deleted or a feed.
  v_latest timestamptz;
  v_has_deleted boolean;
  v_has_feed boolean;
  -- Member rows of people who block a sender, and of which sender (a place in p_row_rooms).
  v_has_blockers boolean;
  v_blocker_rooms text[];
  v_blocker_users text[];
  v_blocked_ats integer[];
  -- All the rows that are needed, those that are ours and whether these are members', and those that somebody else holds.
  v_row_rooms text[];
  v_row_users text[];
  v_locked_rows bigint[];
  v_are_members boolean;
  v_busy_row_rooms text[];
  v_busy_row_users text[];
  -- Whether a send may have been sent before, or answers a message that is not there; whether anything at all speaks
  -- against a send.
  v_is_doubtful boolean;
  v_is_plain boolean;
  -- Beside the sends.
  v_outcomes text[];
  v_messages jsonb[];
  -- Beside p_rooms, where the clock is behind the room: when the first new message was made.
  v_first_ats timestamptz[];
  v_times text[];
  -- Heads as they were written. From now on beside p_rooms.
  v_head_rooms text[];
  v_kinds text[];
  v_seqs bigint[];
  v_tallies bigint[];
  v_changes bigint[];
  v_memberships bigint[];
  -- Rows as they were written, beside each other.
  v_member_rooms text[];
  v_member_users text[];
  v_roles text[];
  v_states bigint[];
  -- What is answered.
  v_rooms json;
  v_room_spans json;
  v_advanced json;
  v_reads json;
  v_busy_rows json;
  v_outbox_id bigint;
  -- At hand.
  v_now timestamptz;
  v_send record;
  v_at integer;
  v_outcome text;
begin
  --| step look at reads
  -- A read that changes nothing must not even lock: a lock alone costs a flush of the log.
  if p_read_rooms is not null then
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

  if p_rooms is not null then
    --| step lock rooms
    if p_wait then
      select array_agg(l.id), max(l.last_at), bool_or(l.is_deleted), bool_or(l.is_feed)
      into v_locked_rooms, v_latest, v_has_deleted, v_has_feed
      from (
        select r.id, r.last_at, r.deleted_at is not null as is_deleted, r.kind = 'feed' as is_feed
        from rooms r where r.id = any(p_rooms) order by r.id for no key update
      ) l;
    else
      select array_agg(l.id), max(l.last_at), bool_or(l.is_deleted), bool_or(l.is_feed)
      into v_locked_rooms, v_latest, v_has_deleted, v_has_feed
      from (
        select r.id, r.last_at, r.deleted_at is not null as is_deleted, r.kind = 'feed' as is_feed
        from rooms r where r.id = any(p_rooms) order by r.id for no key update skip locked
      ) l;
    end if;
    --| step look for busy rooms
    -- One that is not locked is not written to, even if it should come into being at this very moment.
    if v_locked_rooms is distinct from p_rooms then
      select array_agg(other.id) filter (where other.is_busy), array_agg(other.id) filter (where not other.is_busy)
      into v_busy_rooms, v_missing_rooms
      from (
        select unlocked.id, not p_wait and exists (select from rooms r where r.id = unlocked.id) as is_busy
        from (select unnest(p_rooms) except select unnest(v_locked_rooms)) unlocked(id)
      ) other;
    end if;

    --| step look for blockers and doubts
    -- Nothing of this changes while the rooms are held.
    select
      exists (select from blocks b where b.blocked_id = any(p_row_users)),
      exists (
        select from (
          select unnest(p_room_ats) as room_at, unnest(p_row_ats) as row_at, unnest(p_client_ids) as client_id
        ) s
        cross join lateral (
          select x.seq from messages x
          where x.room_id = p_rooms[s.room_at] and x.client_id = s.client_id
            and x.sender_id is not distinct from p_row_users[s.row_at]
          order by x.sender_id limit 1
        ) stored
      )
    into v_has_blockers, v_is_doubtful;
    if p_reply_tos is not null then
      --| step look at replies
      select v_is_doubtful or exists (
        select from (select unnest(p_room_ats) as room_at, unnest(p_reply_tos) as reply_to) s
        left join lateral (
          select x.seq from messages x
          where x.room_id = p_rooms[s.room_at] and x.seq >= s.reply_to order by x.seq limit 1
        ) reply on true
        where reply.seq is distinct from s.reply_to
      ) into v_is_doubtful;
    end if;
    if v_has_blockers then
      select array_agg(s.room_id), array_agg(b.blocker_id), array_agg(s.at)
      into v_blocker_rooms, v_blocker_users, v_blocked_ats
      from unnest(p_row_rooms, p_row_users) with ordinality s(room_id, user_id, at)
      join blocks b on b.blocked_id = s.user_id;
    end if;
  end if;

  v_row_rooms := p_row_rooms || v_blocker_rooms || v_read_rooms;
  v_row_users := p_row_users || v_blocker_users || v_read_users;
  if v_row_rooms is not null then
    --| step lock members
    if p_wait then
      select array_agg(l.at), bool_and(l.is_member) into v_locked_rows, v_are_members
      from (
        select needed.at, m.left_at is null as is_member
        from unnest(v_row_rooms, v_row_users) with ordinality needed(room_id, user_id, at)
        join members m on m.room_id = needed.room_id and m.user_id = needed.user_id
        order by m.room_id, m.user_id for no key update of m
      ) l;
    else
      select array_agg(l.at), bool_and(l.is_member) into v_locked_rows, v_are_members
      from (
        select needed.at, m.left_at is null as is_member
        from unnest(v_row_rooms, v_row_users) with ordinality needed(room_id, user_id, at)
        join members m on m.room_id = needed.room_id and m.user_id = needed.user_id
        order by m.room_id, m.user_id for no key update of m skip locked
      ) l;
    end if;
    v_are_members := v_are_members and cardinality(v_locked_rows) = cardinality(v_row_rooms);
    --| step look for busy members
    if not p_wait and v_are_members is not true then
      select array_agg(needed.room_id), array_agg(needed.user_id) into v_busy_row_rooms, v_busy_row_users
      from unnest(v_row_rooms, v_row_users) with ordinality needed(room_id, user_id, at)
      where (needed.at = any(v_locked_rows)) is not true and exists (
        select from members m where m.room_id = needed.room_id and m.user_id = needed.user_id);
    end if;
  end if;

  v_now := clock_timestamp();
  v_is_plain := v_locked_rooms = p_rooms and not v_has_deleted and not v_is_doubtful and p_firsts is null
    and (v_row_rooms is null or v_are_members)
    and (not v_has_feed or p_system is not null and not false = any(p_system));
  --| step look and number
  -- Duplicates come before permission: an answer that was given once is given again, even to somebody who left since.
  -- A number once given must be used, so everything that could refuse a message is asked here, before.
  if p_rooms is not null and v_is_plain is not true then
    p_rises := array_fill(0, array[cardinality(p_rooms)]);
    p_counted_rises := p_rises;
    p_own := array_fill(0, array[coalesce(cardinality(p_own), 0)]);
    p_counted_nths := p_nths;
    for v_send in
      select s.i, s.room_at, s.row_at, s.first, s.room_id, s.fingerprint, coalesce(s.system, false) as system,
        coalesce(s.counted, true) as counted, s.reply_to, stored.seq as stored_seq,
        stored.fingerprint as stored_fingerprint, r.id is not null as has_room, r.kind = 'feed' as is_feed,
        m.user_id is not null as is_member, reply.seq as reply_seq
      from (
        select u.*, p_rooms[u.room_at] as room_id, p_row_users[u.row_at] as sender_id
        from unnest(p_room_ats, p_row_ats, p_firsts, p_system, p_counted, p_client_ids, p_fingerprints, p_reply_tos)
          with ordinality u(room_at, row_at, first, system, counted, client_id, fingerprint, reply_to, i)
      ) s
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
      end;
      v_outcomes[v_send.i] := v_outcome;
      v_messages[v_send.i] := case when v_outcome = 'stored' then
        stored_message_at(v_send.room_id, v_send.stored_seq) end;
      v_at := v_send.room_at;
      if v_outcome is not null then
        p_nths[v_send.i] := null;
      else
        p_rises[v_at] := p_rises[v_at] + 1;
        if v_send.counted then
          p_counted_rises[v_at] := p_counted_rises[v_at] + 1;
          if v_send.row_at > 0 then p_own[v_send.row_at] := p_own[v_send.row_at] + 1; end if;
        end if;
        p_nths[v_send.i] := p_rises[v_at];
        p_counted_nths[v_send.i] := p_counted_rises[v_at];
      end if;
    end loop;
  end if;

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
      returning m.room_id, m.user_id, m.role, member_numbers(m) as numbers
    )
    select array_agg(t.room_id), array_agg(t.user_id), array_agg(t.role), array_agg(t.numbers),
      json_agg(json_build_array(t.room_id, t.user_id))
    into v_member_rooms, v_member_users, v_roles, v_states, v_advanced
    from touched t;
  end if;

  if p_rooms is not null then
    --| step settle
    with touched as (
      update members m set settled = m.settled + due.messages, version = m.version + due.messages
      from (
        select unnest(p_row_rooms) as room_id, unnest(p_row_users) as user_id, unnest(p_own) as messages
      ) due
      where due.messages > 0 and m.room_id = due.room_id and m.user_id = due.user_id
      returning m.room_id, m.user_id, m.role, member_numbers(m) as numbers
    )
    select v_member_rooms || array_agg(t.room_id), v_member_users || array_agg(t.user_id),
      v_roles || array_agg(t.role), v_states || array_agg(t.numbers)
    into v_member_rooms, v_member_users, v_roles, v_states
    from touched t;
    if v_has_blockers then
      --| step settle for blockers
      -- Aggregated first: UPDATE ... FROM applies only one of several matching rows.
      with due as (
        select b.room_id, b.user_id, sum(p_own[b.at])::bigint as messages
        from unnest(v_blocker_rooms, v_blocker_users, v_blocked_ats) b(room_id, user_id, at)
        where p_own[b.at] > 0
        group by b.room_id, b.user_id
      ), touched as (
        update members m set settled = m.settled + due.messages, version = m.version + due.messages
        from due where m.room_id = due.room_id and m.user_id = due.user_id
        returning m.room_id, m.user_id, m.role, member_numbers(m) as numbers
      )
      select v_member_rooms || array_agg(t.room_id), v_member_users || array_agg(t.user_id),
        v_roles || array_agg(t.role), v_states || array_agg(t.numbers)
      into v_member_rooms, v_member_users, v_roles, v_states
      from touched t;
    end if;

    -- Times rise strictly within the room, whatever the clock does.
    if v_latest >= v_now then
      --| step look at the clock
      select array_agg(l.first_at order by l.at), array_agg(iso_time(l.first_at) order by l.at)
      into v_first_ats, v_times
      from (
        select p.at, case when r.last_at >= v_now then r.last_at + interval '1 microsecond' end as first_at
        from unnest(p_rooms) with ordinality p(id, at) left join rooms r on r.id = p.id
      ) l;
    end if;
    --| step rise
    with risen as (
      update rooms r set seq = r.seq + head.messages, tally = r.tally + coalesce(head.counted, head.messages),
        change = r.change + head.messages,
        last_at = greatest(v_now, r.last_at + interval '1 microsecond')
          + (head.messages - 1) * interval '1 microsecond'
      from (
        select unnest(p_rooms) as id, unnest(p_rises) as messages, unnest(p_counted_rises) as counted
      ) head
      where head.messages > 0 and r.id = head.id
      returning r.id, r.kind, r.seq, r.tally, r.change, r.membership, r.seq - head.messages + 1 as first
    )
    select array_agg(t.id), array_agg(t.kind), array_agg(t.seq), array_agg(t.tally), array_agg(t.change),
      array_agg(t.membership), json_agg(json_build_object('roomId', t.id, 'first', t.first, 'last', t.seq))
    into v_head_rooms, v_kinds, v_seqs, v_tallies, v_changes, v_memberships, v_room_spans
    from risen t;
    if v_head_rooms is not null then
      v_rooms := json_build_object('roomId', v_head_rooms, 'kind', v_kinds, 'seq', v_seqs, 'tally', v_tallies,
        'change', v_changes, 'membership', v_memberships);
    end if;
    if v_head_rooms is distinct from p_rooms then
      --| step look where the rooms are
      select array_agg(r.seq order by p.at), array_agg(r.tally order by p.at), array_agg(r.change order by p.at)
      into v_seqs, v_tallies, v_changes
      from unnest(p_rooms) with ordinality p(id, at) left join rooms r on r.id = p.id;
    end if;

    --| step insert
    insert into messages (room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text, data, counted,
      reply_to, created_at)
    select p_rooms[s.room_at], v_seqs[s.room_at] - p_rises[s.room_at] + s.nth, s.id,
      v_tallies[s.room_at] - coalesce(p_counted_rises[s.room_at], p_rises[s.room_at]) + coalesce(s.counted_nth, s.nth),
      v_changes[s.room_at] - p_rises[s.room_at] + s.nth, p_row_users[s.row_at], s.client_id,
      case when s.client_id is not null then s.fingerprint end, s.type, s.text, s.data::jsonb,
      coalesce(s.counted, true), s.reply_to,
      coalesce(v_first_ats[s.room_at], v_now) + (s.nth - 1) * interval '1 microsecond'
    from (
      select unnest(p_room_ats) as room_at, unnest(p_row_ats) as row_at, unnest(p_nths) as nth,
        unnest(p_counted_nths) as counted_nth, unnest(p_ids) as id, unnest(p_types) as type, unnest(p_texts) as text,
        unnest(p_data) as data, unnest(p_client_ids) as client_id, unnest(p_fingerprints) as fingerprint,
        unnest(p_counted) as counted, unnest(p_reply_tos) as reply_to
    ) s
    where s.nth is not null;
  end if;

  if v_rooms is not null or v_member_rooms is not null then
    --| step record
    insert into outbox (payload)
    select json_build_object('rooms', coalesce(v_room_spans, '[]'),
      'members', coalesce(json_agg(json_build_object('roomId', k.room_id, 'userId', k.user_id)), '[]'))
    from (select unnest(v_member_rooms) as room_id, unnest(v_member_users) as user_id) k
    returning id into v_outbox_id;
  end if;

  if p_read_rooms is not null then
    --| step look where readers are
    select json_agg(json_build_array(m.read_seq, m.read_epoch)) into v_reads
    from unnest(p_read_rooms, p_read_users) q(room_id, user_id)
    left join lateral (
      select m.read_seq, m.read_epoch from members m join rooms r on r.id = m.room_id
      where m.room_id = q.room_id and m.user_id = q.user_id and m.left_at is null and r.kind <> 'feed' limit 1
    ) m on true;
  end if;
  if v_busy_row_rooms is not null then
    select json_agg(json_build_array(b.room_id, b.user_id)) into v_busy_rows
    from unnest(v_busy_row_rooms, v_busy_row_users) b(room_id, user_id);
  end if;
  -- Without a look at any table, which would have to be prepared for even where it does not happen.
  return json_build_object(
    'outcomes', v_outcomes, 'messages', v_messages, 'now', iso_time(v_now), 'times', v_times, 'reads', v_reads,
    'advanced', v_advanced, 'busyRows', v_busy_rows,
    'rooms', v_rooms,
    'members', case when v_member_rooms is not null then json_build_object(
      'roomId', v_member_rooms, 'userId', v_member_users, 'role', v_roles, 'numbers', v_states) end,
    'outboxId', v_outbox_id::text);
end
$$;

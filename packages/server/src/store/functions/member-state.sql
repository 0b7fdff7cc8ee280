-- A member's row as the program reads it (MemberState).
create or replace function member_state(m members)
returns json language sql stable
as $$
  select json_build_object(
    'roomId', m.room_id, 'userId', m.user_id, 'settled', m.settled, 'version', m.version, 'readSeq', m.read_seq,
    'readEpoch', m.read_epoch, 'left', m.left_at is not null, 'muted', m.muted,
    'archivedAtTally', m.archived_at_tally, 'role', m.role)
$$;

-- What else the program reads of a member's row than its key and its role (MemberState), for those who tell of many.
create or replace function member_numbers(m members)
returns bigint[] language sql stable
as $$
  select array[m.settled, m.version, m.read_seq, m.read_epoch, (m.left_at is not null)::integer, m.muted::integer,
    m.archived_at_tally]
$$;

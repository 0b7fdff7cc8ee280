-- A room's counters as the program reads them (RoomHead).
create or replace function room_head(r rooms)
returns json language sql stable
as $$
  select json_build_object(
    'roomId', r.id, 'kind', r.kind, 'seq', r.seq, 'tally', r.tally, 'change', r.change, 'membership', r.membership)
$$;

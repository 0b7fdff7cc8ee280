-- Whether these people may each be in one room more, of p_max_rooms. The caller holds their user rows.
create or replace function has_room_for(p_user_ids text[], p_max_rooms integer)
returns boolean language sql stable
set enable_seqscan = off set jit = off
as $$
  select not exists (
    select from unnest(p_user_ids) person(id)
    where (
      select count(*) from (
        select from members m join rooms r on r.id = m.room_id
        where m.user_id = person.id and m.left_at is null and r.kind <> 'feed'
        limit p_max_rooms
      ) held
    ) >= p_max_rooms)
$$;

-- How many messages above a place are unread for a member: the rule's one text in the product.
-- STABLE, so that it looks at the very snapshot in which its caller reads the room's tally. In the order of the primary
-- key, without sorting, so that no other index can serve. In PL/pgSQL, which keeps its plan.
create or replace function unread_after(p_room_id text, p_user_id text, p_seq bigint)
returns bigint language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off
as $$
begin
  return (
    select count(*)
    from (
      select x.sender_id
      from messages x
      where x.room_id = p_room_id and x.seq > p_seq
        and x.counted and x.deleted_at is null and x.settled_alone_at is null
        and x.sender_id is distinct from p_user_id
      order by x.seq
    ) x
    where not exists (select from blocks b where b.blocker_id = p_user_id and b.blocked_id = x.sender_id)
  );
end
$$;

-- Makes people members of a room, or members again, and answers their rows. The caller holds their user rows and the
-- room's. Whoever comes back starts anew, but the row's version and read_epoch go on, so that nothing late counts.
create or replace function join_room(p_room_id text, p_user_ids text[], p_roles text[], p_history text)
returns members[] language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  v_joined members[];
begin
  --| step lock former members
  perform from members m where m.room_id = p_room_id and m.user_id = any(p_user_ids)
  order by m.user_id for no key update;

  --| step join
  with joined as (
    insert into members as m (room_id, user_id, role, read_seq, settled)
    select r.id, newcomer.user_id, newcomer.role,
      case coalesce(p_history, r.history) when 'unread' then 0 else r.seq end,
      case coalesce(p_history, r.history) when 'unread' then r.tally - unread_after(r.id, newcomer.user_id, 0)
        else r.tally end
    from rooms r, unnest(p_user_ids, p_roles) newcomer(user_id, role)
    where r.id = p_room_id
    on conflict (room_id, user_id) do update
    set role = excluded.role, read_seq = excluded.read_seq, settled = excluded.settled, version = m.version + 1,
      read_epoch = m.read_epoch + 1, muted = false, archived_at_tally = null, pending_read_seq = null,
      joined_at = clock_timestamp(), left_at = null
    where m.left_at is not null
    returning m as row
  )
  select array_agg(row) into v_joined from joined;

  if v_joined is not null then
    --| step rise
    update rooms r set membership = r.membership + 1, change = r.change + 1 where r.id = p_room_id;
  end if;
  return coalesce(v_joined, '{}');
end
$$;

-- Archive at the room's present tally: the next counted message un-archives by itself. One relative statement.
create or replace function set_archived(p_user_id text, p_room_id text, p_archived boolean)
returns jsonb language plpgsql volatile
as $$
declare
  v_touched members[];
begin
  --| step write
  with touched as (
    update members m
    set archived_at_tally = case when p_archived then r.tally end, version = m.version + 1
    from rooms r
    where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null
      and r.id = m.room_id and r.kind <> 'feed'
      and coalesce(m.archived_at_tally >= r.tally, false) <> p_archived
    returning m as row
  )
  select array_agg(row) into v_touched from touched;

  if v_touched is null and not is_chat_member(p_room_id, p_user_id) then
    return refusal('room_not_found');
  end if;
  --| step record
  return record_commit(null, v_touched);
end
$$;

-- Mute and unmute: a flag; counting goes on. One relative statement, so it needs no lock of its own.
create or replace function set_muted(p_user_id text, p_room_id text, p_muted boolean)
returns jsonb language plpgsql volatile
as $$
declare
  v_touched members[];
begin
  --| step write
  with touched as (
    update members m
    set muted = p_muted, version = m.version + 1
    from rooms r
    where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null
      and r.id = m.room_id and r.kind <> 'feed' and m.muted <> p_muted
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

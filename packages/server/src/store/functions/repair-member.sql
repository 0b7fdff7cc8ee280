-- Counts one member's row anew where an audit found it wrong; a row that is right stays as it is. With the room held
-- nobody sends, deletes, joins or blocks in it, with the row held nobody reads: so the count is of one moment.
create or replace function repair_member(p_user_id text, p_room_id text)
returns jsonb language plpgsql volatile
as $$
begin
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;
  --| step lock member
  perform from members m where m.room_id = p_room_id and m.user_id = p_user_id for no key update;
  --| step repair
  return record_commit(null, resettle(p_user_id, array[p_room_id]));
end
$$;

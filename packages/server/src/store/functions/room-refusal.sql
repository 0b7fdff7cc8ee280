-- Why somebody who must have one of these roles may not act on a room, or null. Without a person it is the host's own
-- server that asks: it may, where the room exists. A stranger learns nothing about which rooms exist.
create or replace function room_refusal(p_user_id text, p_room_id text, p_roles text[])
returns text language plpgsql stable
as $$
declare
  v_role text;
begin
  select m.role into v_role
  from rooms r left join members m on m.room_id = r.id and m.user_id = p_user_id and m.left_at is null
  where r.id = p_room_id and r.deleted_at is null and r.kind <> 'feed';
  if not found or (p_user_id is not null and v_role is null) then
    return 'room_not_found';
  end if;
  return case when p_user_id is not null and v_role <> all(p_roles) then 'forbidden' end;
end
$$;

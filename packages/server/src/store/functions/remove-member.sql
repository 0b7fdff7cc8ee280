-- Somebody leaves (p_actor_id = p_user_id), or is removed: by those above them, and anybody by the owners or by the
-- host's own server (p_actor_id null).
create or replace function remove_member(p_actor_id text, p_room_id text, p_user_id text)
returns jsonb language plpgsql volatile
as $$
declare
  v_refusal text;
  v_role text;
  v_left members[];
begin
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;
  --| step lock member
  perform from members m where m.room_id = p_room_id and m.user_id = p_user_id for no key update;

  --| step look
  select m.role into v_role
  from members m where m.room_id = p_room_id and m.user_id = p_user_id and m.left_at is null;
  v_refusal := room_refusal(p_actor_id, p_room_id, case
    when p_actor_id = p_user_id then '{owner,admin,member}'
    when v_role in ('owner', 'admin') then '{owner}'
    else '{owner,admin}' end::text[]);
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;

  --| step leave
  v_left := leave_room(p_room_id, array[p_user_id]);
  --| step record
  return record_commit(case when cardinality(v_left) > 0 then array[p_room_id] end, v_left);
end
$$;

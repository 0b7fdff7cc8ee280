-- A new title or metadata, by an owner, an admin or the host's own server (p_actor_id null). What is not to be changed
-- is null; p_set_title says whether a null title means "none". Of a room of an application, whose it is stays whatever the
-- new metadata says: the lists of installed apps go by it.
create or replace function update_room(
  p_actor_id text, p_room_id text, p_set_title boolean, p_title text, p_metadata jsonb)
returns jsonb language plpgsql volatile
as $$
declare
  v_refusal text;
  v_changed boolean;
begin
  --| step lock room
  perform from rooms r where r.id = p_room_id for no key update;

  --| step look
  v_refusal := room_refusal(p_actor_id, p_room_id, '{owner,admin}');
  if v_refusal is not null then
    return refusal(v_refusal);
  end if;

  --| step keep whose application it is
  select p_metadata || coalesce(jsonb_object_agg(said.key, said.value), '{}') into p_metadata
  from rooms r cross join jsonb_each(r.metadata) said
  where r.id = p_room_id and r.key like 'application:%' and said.key in ('applicationId', 'userId', 'companyId');

  --| step write
  update rooms r
  set title = case when p_set_title then p_title else r.title end,
    metadata = coalesce(p_metadata, r.metadata),
    change = r.change + 1,
    membership = r.membership + 1,
    updated_at = clock_timestamp()
  where r.id = p_room_id
    and (p_set_title and r.title is distinct from p_title or r.metadata <> coalesce(p_metadata, r.metadata));
  v_changed := found;

  --| step record
  return record_commit(case when v_changed then array[p_room_id] end, null);
end
$$;

-- Who gave which emoji to a message, the first one first. Most messages have none, which a look at the index says.
create or replace function message_reactions(p_room_id text, p_seq bigint)
returns jsonb language plpgsql stable
as $$
begin
  if not exists (select from reactions r where r.room_id = p_room_id and r.seq = p_seq) then
    return '[]';
  end if;
  return (
    select jsonb_agg(jsonb_build_object('emoji', given.emoji, 'userIds', given.user_ids)
      order by given.first_at, given.emoji)
    from (
      select r.emoji, min(r.created_at) as first_at, array_agg(r.user_id order by r.created_at, r.user_id) as user_ids
      from reactions r where r.room_id = p_room_id and r.seq = p_seq
      group by r.emoji
    ) given
  );
end
$$;

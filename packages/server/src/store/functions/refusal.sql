-- A request that was refused, with a code of the protocol's closed set. Given before anything is written, or after it was taken back.
create or replace function refusal(p_code text, p_limit text default null)
returns jsonb language sql stable
as $$
  select jsonb_build_object('refused', p_code, 'limit', p_limit)
$$;

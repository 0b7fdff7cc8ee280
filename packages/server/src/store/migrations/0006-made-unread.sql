-- It has one more parameter from now on, and would be there twice.
drop function if exists record_commit(text[], members[]);

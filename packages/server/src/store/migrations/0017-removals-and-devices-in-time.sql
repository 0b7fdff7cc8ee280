-- A removal is gone on with by its name (functions/remove-account.sql); one without could take an account that came back.
drop function if exists remove_account(text, text, integer, bigint);
-- A device is signed in by a token that was issued at some time; without that, one from before the end of all sessions could.
drop function if exists put_device(text, text, text, text, text, text, text, integer, integer);

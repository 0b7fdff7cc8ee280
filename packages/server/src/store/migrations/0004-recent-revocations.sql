-- A node looks every few seconds whose sessions ended lately, should word of it have got lost.
create index revoked_sessions_before on revoked_sessions (before);

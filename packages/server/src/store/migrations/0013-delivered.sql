-- Up to where a device of the member has the messages. Reading says it, too, so what is told is the greater of the two; it
-- changes nothing that is counted, and version does not rise with it.
alter table members add column delivered_seq bigint not null default 0;

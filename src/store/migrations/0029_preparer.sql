-- Whoever prepared a plan, where that was a person and perhaps another one than who asked for it to be carried out: neither
-- of them decides about it.
alter table approval_case add column preparer text;

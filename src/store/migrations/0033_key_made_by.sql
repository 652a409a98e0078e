-- Whoever asked for a write does not decide about it with a key that they made for somebody else meanwhile.
grant select (created_at, created_by) on operator to gantry_app;

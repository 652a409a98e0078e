-- When a worker took the stream: a run that is asked for after that is due when the present one ends.
alter table stream add column claimed_at timestamptz;

-- An agent or a person waits for this object to be read: the next run's calls are theirs, and it comes first.
-- Null: nobody. Programs of before neither set it nor look at it.
alter table stream add column awaited_at timestamptz;

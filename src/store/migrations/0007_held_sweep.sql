-- A comparison that would delete too much is held until somebody confirms it. What appeared since stays marked meanwhile.
-- The kinds are the program's to know: each new one would otherwise be a new constraint on programs of before.
alter table sweep drop constraint sweep_kind_check;
-- The first of the comparisons in a row that were held, and what the last one of them missed.
alter table sweep add column held_at timestamptz;
alter table sweep add column held_missing int;
alter table sweep add column held_compared int;

-- Switches that throw themselves. What a trigger threw names it, with what it had counted.
alter table switch add column trigger text;
alter table switch add column trigger_subject text collate "C";
alter table switch add column figures jsonb;
create index on switch (tenant, trigger, trigger_subject) where trigger is not null and lifted_at is null;

-- What a trigger has counted of one thing, in parts of its window. One row, so that whoever counts waits for whoever does.
create table switch_watch (
  tenant int not null,
  trigger text not null,
  subject text collate "C" not null,
  -- [[begin of the part in ms, ended, failed, records, amount], ...], oldest first.
  parts jsonb not null default '[]',
  primary key (tenant, trigger, subject)
);
alter table switch_watch enable row level security;
alter table switch_watch force row level security;
create policy own_tenant on switch_watch
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on switch_watch to gantry_app;

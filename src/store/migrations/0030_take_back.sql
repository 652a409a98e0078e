-- Steps whose writes are taken back, because a later one of their plan failed. What takes them back are writes of the
-- same plan, with numbers of their own.
create table write_take_back (
  tenant int not null,
  plan text not null,
  -- Of the plan, from 0.
  step int not null,
  -- In whose turn it is compared what stands there.
  connection int not null,
  state text not null,
  -- Number under which the writes are that take it back; null: there are none yet.
  write_step int,
  -- What could not be taken back: [{"items", "code", "why"}].
  remains jsonb not null default '[]',
  due_at timestamptz,
  deadline_at timestamptz,
  changed_at timestamptz not null,
  primary key (tenant, plan, step)
);
create index write_take_back_due on write_take_back (tenant, connection, due_at) where state = 'comparing';
create index write_take_back_stuck on write_take_back (tenant) where state = 'needs_human';
alter table write_take_back enable row level security;
alter table write_take_back force row level security;
create policy own_tenant on write_take_back
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on write_take_back to gantry_app;

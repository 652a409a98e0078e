-- What is left of a provider account's calls. Directory: several tenants may share one account, and their connections
-- draw on the same limit.
create table budget (
  account text not null,
  name text not null,
  provider text not null,
  -- src/budget's own: what was handed out when, what the provider said, until when nobody may call.
  state jsonb,
  at timestamptz not null,
  primary key (account, name)
);

-- Whether a connection's provider answers at all. No row: it does.
create table circuit (
  tenant int not null,
  connection int not null,
  state text not null,
  -- Trials that failed since it last answered.
  failed_trials int not null,
  retry_at timestamptz not null,
  -- The process that is trying, and until when it is believed to be alive.
  trial_by text,
  trial_until timestamptz,
  primary key (tenant, connection),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
alter table circuit enable row level security;
alter table circuit force row level security;
create policy own_tenant on circuit
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on circuit to gantry_app;

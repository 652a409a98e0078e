-- What somebody wants to write, thought through, and what became of it.
create table write_plan (
  tenant int not null,
  id text not null,
  agent text not null,
  principal text,
  state text not null,
  -- Why it is in its state, for people.
  reason text,
  -- As planned, without the writes.
  content jsonb not null,
  payload_hash text not null,
  policy_version text not null,
  -- Approved by somebody, so that it is of what was there when they looked.
  approved boolean not null default false,
  records int not null,
  undoes text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  ended_at timestamptz,
  primary key (tenant, id)
);
create index write_plan_newest on write_plan (tenant, created_at desc);
create index write_plan_accepted on write_plan (tenant, accepted_at) where accepted_at is not null;
create index write_plan_expiry on write_plan (tenant, expires_at)
  where state in ('prepared', 'proposed');

-- The order in which writes to a connection were accepted. Whoever accepts locks this row first.
create table write_line (
  tenant int not null,
  connection int not null,
  last_seq bigint not null,
  primary key (tenant, connection),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);

-- One record of a plan. No foreign keys where there is a row per record: they would cost a look-up each.
-- Those that are open are the queue; narrow, because every step writes the row anew.
create table write (
  tenant int not null,
  plan text not null,
  item int not null,
  step int not null,
  connection int not null,
  object text collate "C" not null,
  operation text not null,
  -- Which record it is about, as far as the order of writes to one record goes.
  target text collate "C" not null,
  state text not null,
  -- Released, and not ended: beside `state`, because an index that follows each state costs every step more.
  open boolean not null default false,
  seq bigint,
  attempts int not null default 0,
  due_at timestamptz,
  deadline_at timestamptz,
  sending text,
  record_id text,
  code text,
  accepted_at timestamptz,
  ended_at timestamptz,
  primary key (tenant, plan, item)
) with (fillfactor = 70);
create index write_queue on write (tenant, connection, seq) where open;

-- What it says; changed only where it is planned anew.
create table write_content (
  tenant int not null,
  plan text not null,
  item int not null,
  content jsonb not null,
  primary key (tenant, plan, item)
);

-- Writes that went to the provider together.
create table write_sending (
  tenant int not null,
  id text not null,
  connection int not null,
  object text not null,
  operation text not null,
  form text not null,
  -- Whose sign-in was used; null: the connection's own.
  principal text,
  -- The turn in which it was sent.
  fence bigint not null,
  -- As the provider knows it, where it takes its time.
  job jsonb,
  began_at timestamptz not null,
  -- Null: nobody knows yet what became of all of it.
  ended_at timestamptz,
  -- How often it was asked what became of it, and when it will be again.
  asked int not null default 0,
  settle_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
create index write_sending_open on write_sending (tenant, connection) where ended_at is null;

-- The journal: what stood there before, what was sent, what became of it.
create table write_attempt (
  tenant int not null,
  plan text not null,
  item int not null,
  attempt int not null,
  sending text not null,
  -- {"id", "missing", "version", "values"}; null: a new record.
  before jsonb,
  after jsonb,
  -- Of the values that were sent.
  payload_hash text not null,
  outcome jsonb,
  began_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, plan, item, attempt)
) with (fillfactor = 80);

-- Requests under a key of the caller's. Hashes only: by member of the body, so that a difference can be named.
create table write_request (
  tenant int not null,
  agent text not null,
  key text not null,
  body jsonb not null,
  plan text not null,
  created_at timestamptz not null,
  primary key (tenant, agent, key),
  foreign key (tenant, plan) references write_plan (tenant, id) on delete cascade
);
create index write_request_age on write_request (tenant, created_at);

do $$
declare
  name text;
begin
  foreach name in array array[
    'write_plan', 'write_line', 'write', 'write_content', 'write_sending', 'write_attempt', 'write_request'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;

-- Directory: which connections have something to send, and which process does. The fence counts up with every claim.
create table write_turn (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz,
  fence bigint not null default 0,
  primary key (tenant, connection)
);
create index write_turn_due on write_turn (due_at);
grant select, insert, update, delete on write_turn to gantry_app;

-- What happened, per tenant, in order. Each entry's hash covers the one before it, so that nothing can be changed,
-- removed or moved without showing. The chain holds salted commitments only; what was said lies beside it and can
-- be erased without breaking the chain.
create table audit_head (
  tenant int not null,
  seq bigint not null,
  hash bytea not null,
  -- Entries up to here were removed by age; the hash is that of the last removed one.
  floor_seq bigint not null default 0,
  floor_hash bytea not null,
  -- Up to here a signed checkpoint has been written.
  checked_seq bigint not null default 0,
  primary key (tenant)
);

create table audit_entry (
  tenant int not null,
  seq bigint not null,
  at timestamptz not null,
  kind text not null,
  commitment bytea not null,
  hash bytea not null,
  primary key (tenant, seq)
);
create index audit_entry_at on audit_entry (tenant, at);

-- Null body: erased. The columns repeat what the body says, for searching; verification compares them.
create table audit_payload (
  tenant int not null,
  seq bigint not null,
  at timestamptz not null,
  kind text not null,
  salt bytea,
  body text,
  agent text collate "C",
  principal text collate "C",
  operator text collate "C",
  plan text collate "C",
  connection text collate "C",
  object text collate "C",
  model text collate "C",
  record text collate "C",
  -- The record's id alone, and its name then: what people ask by.
  record_key text collate "C",
  label text collate "C",
  amount double precision,
  erased_at timestamptz,
  primary key (tenant, seq)
);
create index audit_payload_at on audit_payload (tenant, at);
create index audit_payload_record on audit_payload (tenant, record, seq) where record is not null;
create index audit_payload_record_key on audit_payload (tenant, record_key, seq) where record_key is not null;
create index audit_payload_label on audit_payload (tenant, label, seq) where label is not null;
create index audit_payload_agent on audit_payload (tenant, agent, seq) where agent is not null;
create index audit_payload_principal on audit_payload (tenant, principal, seq) where principal is not null;
create index audit_payload_operator on audit_payload (tenant, operator, seq) where operator is not null;
create index audit_payload_plan on audit_payload (tenant, plan, seq) where plan is not null;
create index audit_payload_connection on audit_payload (tenant, connection, seq) where connection is not null;
create index audit_payload_kind on audit_payload (tenant, kind, seq);
create index audit_payload_amount on audit_payload (tenant, amount) where amount is not null;

-- Signed statements of what the head was; each is also written outside the database.
create table audit_checkpoint (
  tenant int not null,
  seq bigint not null,
  hash bytea not null,
  at timestamptz not null,
  signature bytea not null,
  key_id text not null,
  primary key (tenant, seq)
);

-- What is stopped, by whom and why. A lifted one stays, as a record.
create table switch (
  tenant int not null,
  id int not null,
  mode text not null,
  -- `tenant`, `connection`, `object`, `operation`, `agent`, `principal`; `subject` names which.
  scope text not null,
  subject jsonb not null,
  reason text not null,
  -- `gantry`: a trigger.
  thrown_by text not null,
  thrown_at timestamptz not null,
  lift_asked_by text,
  lift_asked_at timestamptz,
  lifted_by text,
  lifted_at timestamptz,
  primary key (tenant, id),
  -- Who asks for the end is not who grants it.
  check (lifted_by is null or lifted_by <> lift_asked_by)
);
create index switch_open on switch (tenant) where lifted_at is null;

do $$
declare
  name text;
begin
  foreach name in array array['audit_head', 'audit_entry', 'audit_payload', 'audit_checkpoint', 'switch'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
  end loop;
end $$;
grant select, insert, update, delete on audit_head, audit_payload, switch to gantry_app;
-- Nothing of ours changes an entry; those past the time they are kept are removed.
grant select, insert, delete on audit_entry, audit_checkpoint to gantry_app;

-- Of the whole installation. Holds nothing of a customer's.
create table global_switch (
  id int generated always as identity primary key,
  mode text not null,
  reason text not null,
  thrown_by text not null,
  thrown_at timestamptz not null,
  lift_asked_by text,
  lift_asked_at timestamptz,
  lifted_by text,
  lifted_at timestamptz,
  check (lifted_by is null or lifted_by <> lift_asked_by)
);
grant select, insert, update on global_switch to gantry_app;

-- Directory: whose chain has grown since its last checkpoint, and who writes it.
create table audit_turn (
  tenant int primary key references tenant (id) on delete cascade,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz
);
create index audit_turn_due on audit_turn (due_at);
grant select, insert, update, delete on audit_turn to gantry_app;

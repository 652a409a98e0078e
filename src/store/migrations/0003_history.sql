-- Versions of records that are no more: each as it was when the next one came, or when the record was deleted.
create table record_history (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  -- Of the version that ended.
  ver int not null,
  doc jsonb not null,
  -- Upstream time of what ended it, where the source tells.
  src_at timestamptz,
  -- When that became known here, and no earlier than `src_at`: a source's clock may run ahead of ours.
  known_at timestamptz not null,
  -- Ended by deletion.
  gone boolean not null,
  primary key (tenant, stream, ext_id, ver)
);
create index record_history_known on record_history (tenant, known_at);
create index record_history_gone on record_history (tenant, stream, known_at) where gone;

alter table record_history enable row level security;
alter table record_history force row level security;
create policy own_tenant on record_history
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on record_history to gantry_app;

-- Changes up to here are gone: who stands before it starts over from `record`.
alter table change_head add column floor bigint not null default 0;

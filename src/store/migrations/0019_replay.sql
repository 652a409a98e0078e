-- The whole value that did not fit, as JSON text: tried again without asking the provider. Null: too large to be kept.
alter table quarantine add column native text;
-- What was set aside under an older version of the schema is tried again.
create index quarantine_version on quarantine (tenant, stream, schema_version);

-- Somebody wants everything read again that was changed since then: {"since", "at"}, `since` null for all of it.
alter table stream add column backfill_asked jsonb;

-- A whole reading is through, but its provider left out what changed just before: what did not appear counts as gone once
-- everything up to this moment was read.
alter table sweep add column awaits timestamptz;

-- Connections whose grant had ended before streams could be held: their streams are held from now on, and one call now
-- and then finds out whether the provider had only stumbled. The tables' owner sees no tenant's rows otherwise.
alter table stream no force row level security;
alter table connection no force row level security;
update stream set held = true where not held and exists (
  select from connection c
  where c.tenant = stream.tenant and c.id = stream.connection and c.state in ('reauth_required', 'paused', 'revoked'));
insert into connection_chore (tenant, connection, kind, due_at)
  select tenant, id, 'probe', now() from connection where state = 'reauth_required'
  on conflict (tenant, connection, kind) do nothing;
alter table stream force row level security;
alter table connection force row level security;

-- Whether an agent has a good key is asked in the transaction that tells it something. Never the keys' hashes.
grant select (tenant, agent, expires_at, revoked_at) on api_key to gantry_app;

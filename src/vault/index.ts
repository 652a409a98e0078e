export { dataKeysSql, type DataKeyState } from './data-keys.ts';
export { masterKeyFromFile, masterKeyFromText } from './master-key.ts';
export { createVault, type SecretContext, type Vault, type VaultOptions } from './vault.ts';

export { TenantCredentials } from './tenant-credentials';
export type { AssumeRoleClient, ClaimMapping, TenantCredentialsOptions } from './tenant-credentials-options';
export type { TenantEvent, TenantEventListener, TenantValues } from './tenant-event';
export type { SessionValues, TenantCredentialsProvider, TenantSession } from './tenant-session';

import { ADMINISTRATORS, CREATIONS, TAMPERING, VARIATIONS } from './administrators';
import { CALLER_TAGS, FORGERIES } from './callers';
import { DEPLOYMENTS, PROVISIONERS } from './provisioners';
import type { Row } from './row';
import { SERVICE_ROLES, STARTERS, USERS } from './services';
import { GATEWAYS, TENANTS } from './sessions';
import { SIGN_INS, WORKFORCE } from './workforce';

/** Every row of the matrix. */
export const ROWS: readonly Row[] = [
  ...USERS,
  ...SERVICE_ROLES,
  ...STARTERS,
  ...SIGN_INS,
  ...WORKFORCE,
  ...GATEWAYS,
  ...TENANTS,
  ...ADMINISTRATORS,
  ...CREATIONS,
  ...TAMPERING,
  ...VARIATIONS,
  ...CALLER_TAGS,
  ...PROVISIONERS,
  ...DEPLOYMENTS,
  ...FORGERIES,
];

import { ADMINISTRATORS, CREATIONS, TAMPERING } from './administrators';
import { CALLER_TAGS, FORGERIES } from './callers';
import { DEPLOYMENTS, PROVISIONERS } from './provisioners';
import type { Row } from './row';
import { SERVICE_ROLES, STARTERS, USERS } from './services';

/** Every row of the matrix. */
export const ROWS: readonly Row[] = [
  ...USERS,
  ...SERVICE_ROLES,
  ...STARTERS,
  ...ADMINISTRATORS,
  ...CREATIONS,
  ...TAMPERING,
  ...CALLER_TAGS,
  ...PROVISIONERS,
  ...DEPLOYMENTS,
  ...FORGERIES,
];

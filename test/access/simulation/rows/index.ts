import { ADMINISTRATORS, CREATIONS, TAMPERING } from './administrators';
import { CALLER_TAGS, FORGERIES } from './callers';
import { PROVISIONERS } from './provisioners';
import type { Row } from './row';
import { SERVICE_ROLES, USERS } from './services';

/** Every row of the matrix. */
export const ROWS: readonly Row[] = [
  ...USERS,
  ...SERVICE_ROLES,
  ...ADMINISTRATORS,
  ...CREATIONS,
  ...TAMPERING,
  ...CALLER_TAGS,
  ...PROVISIONERS,
  ...FORGERIES,
];

import type { Attribution } from './attribution';

/** What stamps and routes calls: what `attribution()` gives. */
export type Stamper = Pick<Attribution, 'stamp' | 'route' | 'routes' | 'warnUncarried'>;

import { schema } from '../../lib';
import { definition } from './schema';

/** The attribution keys, as the constructs take them. */
export const keys = schema.AttributionSchema.fromJson(JSON.stringify(definition));

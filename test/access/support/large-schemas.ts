import { AttributionKey, AttributionSchema, Assurance } from '../../../lib/schema';

/** How large a schema is. */
export interface SchemaSize {
  readonly keys: number;
  /** Allowed values of each key. */
  readonly values: number;
  /** Characters of each value. */
  readonly length: number;
}

/** A schema of required and enforced keys, each with a list of values. */
export function largeSchema({ keys, values, length }: SchemaSize): AttributionSchema {
  return new AttributionSchema({
    version: 1,
    keys: Array.from({ length: keys }, (_key, index) => AttributionKey.of(`dimension_${index}`, {
      description: 'One of many.', required: true, assurance: Assurance.ENFORCED, allowedValues: allowedValues(values, length),
    })),
  });
}

/** Attribution that a large schema allows. */
export function largeAttribution({ keys, values, length }: SchemaSize): Record<string, string> {
  return Object.fromEntries(Array.from({ length: keys }, (_key, index) => [`dimension_${index}`, allowedValues(values, length)[0]]));
}

function allowedValues(count: number, length: number): string[] {
  return Array.from({ length: count }, (_value, index) => String(index).padStart(length, 'v'));
}

/** Characters of a synthesized policy as IAM counts them, in the partition with the longest name. */
export function deployedCharacters(document: unknown): number {
  return JSON.stringify(document).replaceAll(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g, '"arn:aws-us-gov$1"').length;
}

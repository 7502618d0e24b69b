import { parameterName } from '../../../lib/schema/parameter-name';
import { readVectors, type VectorFile } from './vector-file';

interface Case {
  readonly collection: string;
  readonly levels: string[];
  readonly parameter: string;
}

const { cases } = readVectors('parameter-names.json') as VectorFile<Case>;

test.each(cases.map(vector => [vector.name, vector] as const))('%s', (_, { collection, levels, parameter }) => {
  expect(parameterName(collection, levels)).toBe(parameter);
});

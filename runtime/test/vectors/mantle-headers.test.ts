import { type MantleProject, openProject, type OpenProjectOptions } from '../../src/mantle';
import { byCodeAndPath, expectError, type ProblemId, type Refused, thrownBy } from './expected-error';
import { readVectors, type VectorFile } from './vector-file';

interface Case {
  readonly project: Pick<OpenProjectOptions, 'projectId' | 'region' | 'endpoint' | 'callerProject'> & { readonly bearerToken: string };
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly expected: Refused | { readonly headers: Record<string, string>; readonly warnings: readonly ProblemId[] };
}

const { cases } = readVectors('mantle-headers.json') as VectorFile<Case>;

test.each(cases.map(vector => [vector.name, vector] as const))('%s', async (_, { project: { bearerToken, ...project }, url = '', headers, expected }) => {
  const sent: Headers[] = [];
  const warnings: ProblemId[] = [];
  const open = (): Promise<MantleProject> => openProject({
    ...project,
    auth: { bearerToken },
    verify: false,
    onWarning: problem => { warnings.push(problem); },
    fetch: (input, init) => {
      sent.push(new Request(input, init).headers);
      return Promise.resolve(new Response('{}'));
    },
  });
  const call = async (): Promise<unknown> => (await open()).fetch(url, { headers });
  if ('refused' in expected) {
    expectError(await thrownBy(expected.refused === 'start' ? open : call), expected);
    expect(sent).toEqual([]);
    return;
  }
  await call();
  expect(sent.map(each => Object.fromEntries(each))).toEqual([expected.headers]);
  expect(byCodeAndPath(warnings)).toEqual(byCodeAndPath(expected.warnings));
});

import * as path from 'node:path';

describe('a file of the package', () => {
  afterEach(() => {
    jest.resetModules();
    jest.dontMock('fs');
  });

  /** The function with a file system in which only these files exist. */
  function inWorldWith(...files: string[]): (...segments: string[]) => string {
    jest.doMock('fs', () => ({ existsSync: (file: string) => files.includes(file) }));
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded anew for each file system
    return (require('../../lib/private/package-file') as { packageFile: (...segments: string[]) => string }).packageFile;
  }

  test('is found from the folder with the nearest manifest', () => {
    const root = path.join(__dirname, '..', '..');
    const packageFile = inWorldWith(path.join(root, 'package.json'), path.join(root, '..', 'package.json'));
    expect(packageFile('assets', 'x')).toBe(path.join(root, 'assets', 'x'));
  });

  test('fails, instead of searching for ever, where no manifest is', () => {
    expect(() => inWorldWith()('assets')).toThrow(/no package\.json above .*instead of bundling it/);
  });
});

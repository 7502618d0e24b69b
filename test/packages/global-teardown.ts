import { rmSync } from 'node:fs';

/** Removes the projects that the tests have worked in. */
export default function tearDown(): void {
  const folder = process.env.PACKAGES_FOLDER;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

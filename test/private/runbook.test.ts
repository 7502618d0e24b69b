import * as fs from 'fs';
import * as path from 'path';
import { packageFile } from '../../lib/private/package-file';
import { runbookUrl } from '../../lib/private/runbook';

const RUNBOOKS = packageFile('docs', 'runbooks');

/** Every page that code links to. */
function linkedPages(): string[] {
  const sources = fs.readdirSync(packageFile('lib'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const calls = sources.flatMap(file => [...fs.readFileSync(packageFile('lib', file), 'utf8').matchAll(/\brunbookUrl\('([^']*)'\)/g)]);
  return [...new Set(calls.map(call => call[1]))].sort();
}

/** Every page that is there, but for the table of contents. */
function writtenPages(): string[] {
  return fs.readdirSync(RUNBOOKS).map(file => path.basename(file, '.md')).filter(page => page !== 'README').sort();
}

function pageText(page: string): string {
  return fs.readFileSync(path.join(RUNBOOKS, `${page}.md`), 'utf8');
}

test('the address is that of a page on the main branch of the repository', () => {
  const manifest = JSON.parse(fs.readFileSync(packageFile('package.json'), 'utf8')) as { repository: { url: string } };
  expect(runbookUrl('some-page')).toBe(`${manifest.repository.url.replace(/\.git$/, '')}/blob/main/docs/runbooks/some-page.md`);
});

test('code links to exactly the pages that are written', () => {
  expect(linkedPages()).toEqual(writtenPages());
});

test.each(writtenPages())('%s links to pages and headings that are there', page => {
  const links = [...pageText(page).matchAll(/\]\(([a-z0-9-]+)\.md#?([a-z0-9-]*)\)/g)];
  for (const [link, target, heading] of links) {
    const headings = [...pageText(target).matchAll(/^#+ (.*)$/gm)].map(found => found[1].toLowerCase().replace(/ /g, '-'));
    expect({ link, exists: heading === '' || headings.includes(heading) }).toEqual({ link, exists: true });
  }
});

test.each(writtenPages())('%s says what it means, what is lost, what to check, how to fix it and what to do afterwards', page => {
  const headings = [...pageText(page).matchAll(/^## (.*)$/gm)].map(heading => heading[1]);
  expect(headings).toEqual(['What it means', 'What is lost meanwhile', 'Check', 'Fix', 'Afterwards']);
});

test('the table of contents lists every page', () => {
  const listed = [...pageText('README').matchAll(/\]\(([a-z0-9-]+)\.md\)/g)].map(link => link[1]);
  expect([...new Set(listed)].sort()).toEqual(writtenPages());
});

// What tests download is kept outside of the checkout, in the user's cache folder, or in the one that BCA_CACHE names.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.BCA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bedrock-cost-attribution');

/**
 * The folder of this name. When there is none, the function makes it beside its place, and it is moved there when all is in it: nobody sees
 * half of it, and two may install at once.
 */
export function cachedFolder(name, install) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    install(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // otherwise somebody else was quicker
  }
  return folder;
}

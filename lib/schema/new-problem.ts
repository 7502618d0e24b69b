import type { Problem } from './problem';

/** Everything of a problem that is not derived from the rest. */
export interface ProblemParts {
  readonly code: string;
  readonly path: string;
  readonly got: unknown;
  readonly allowed: string;
  readonly remedy: string;
}

/** Completes a problem with its JSON rendering of what was given and with its sentence. */
export function newProblem({ code, path, got, allowed, remedy }: ProblemParts): Problem {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got);
  return { code, path, got: shown, allowed, remedy, message: `${onOneLine(path)}: got ${shown}, allowed is ${allowed}; ${remedy}` };
}

/** A path may have a key in it as somebody wrote it, and messages go to logs, whose lines nobody is to forge. */
function onOneLine(path: string): string {
  return path.replace(/\p{Cc}/gu, character => JSON.stringify(character).slice(1, -1));
}

import { DECLARED_KEYS, ENFORCED_KEYS, ENVS } from './companion-files';

/** Whether request metadata breaks the schema of the demo: a required key missing, an unknown key, or a stage that does not exist. */
export function breaksSchema(metadata: Readonly<Record<string, string>>): boolean {
  const known: readonly string[] = [...ENFORCED_KEYS, ...DECLARED_KEYS];
  const names = Object.keys(metadata);
  return ENFORCED_KEYS.some(key => !names.includes(key)) || names.some(name => !known.includes(name)) || !ENVS.includes(metadata.env);
}

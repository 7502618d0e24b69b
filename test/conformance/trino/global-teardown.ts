import './global-setup';

/** Ends the server. */
export default async function tearDown(): Promise<void> {
  await globalThis.trinoServer?.stop();
}

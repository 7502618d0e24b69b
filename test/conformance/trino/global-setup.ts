import { TrinoServer } from './server';

declare global {
  // the only place that setup, teardown and reporter share
  var trinoServer: TrinoServer | undefined;
}

/** Starts the server that all test files query, each in databases of its own. */
export default async function setUp(): Promise<void> {
  const server = await TrinoServer.start();
  globalThis.trinoServer = server;
  process.env.TRINO_URL = server.url;
  process.env.TRINO_LAKE = server.lake;
}

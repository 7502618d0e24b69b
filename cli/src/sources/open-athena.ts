import { AthenaEngine, type AthenaSettings, type Scanned } from '../engine/athena-engine';

/** @see https://aws.amazon.com/athena/pricing/ (us-east-1, November 2026) */
const USD_PER_TB = 5;

/**
 * Opens the deployed engine and hands it over; Ctrl-C stops the queries that run there, and the engine is closed in any case.
 */
export async function withAthena<T>(settings: AthenaSettings, use: (engine: AthenaEngine) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => { interrupt.abort(); };
  const engine = await AthenaEngine.open({ ...settings, signal: interrupt.signal });
  process.once('SIGINT', onInterrupt);
  try {
    return await use(engine);
  } finally {
    process.off('SIGINT', onInterrupt);
    await engine.close();
  }
}

/** What was read and what that is charged, in one line for a person. */
export function scannedText({ queries, bytes, chargedBytes }: Scanned): string {
  const usd = chargedBytes / 1e12 * USD_PER_TB;
  return `Athena read ${bytesText(bytes)} in ${queries} ${queries === 1 ? 'query' : 'queries'}: ${usd < 0.01 ? 'less than $0.01' : `about $${usd.toFixed(2)}`}`
    + ` at $${USD_PER_TB} per TB, the list price of us-east-1, of at least 10 MB a query`;
}

function bytesText(bytes: number): string {
  const [divisor, unit] = bytes >= 1e12 ? [1e12, 'TB'] : bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return `${(bytes / divisor).toFixed(1)} ${unit}`;
}

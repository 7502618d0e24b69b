import * as fs from 'node:fs';
import * as path from 'node:path';
import { copyCheckout, synthesizeInto } from './synthesize-app';

/** What a test may change about the configuration of the reference app. */
export interface Assembly {
  /** The account that all stacks go to. */
  readonly account: string;
  /** The Regions whose calls are logged. */
  readonly regions: readonly string[];
  /** TypeScript text of further properties of the configuration, such as `notifiedEmail: 'a@example.com',`. */
  readonly properties?: string;
}

/**
 * Synthesizes the reference app, as it is shipped but for the accounts and Regions, into a folder that the CDK can deploy. Somebody who
 * has one account only would edit `bin/config.ts` in the same way.
 */
export function assembleApp({ account, regions, properties = '' }: Assembly, folder: string): string {
  const checkout = copyCheckout();
  try {
    const bin = path.join(checkout, 'bin');
    fs.renameSync(path.join(bin, 'config.ts'), path.join(bin, 'shipped-config.ts'));
    fs.writeFileSync(path.join(bin, 'config.ts'), `
      import type { AppConfig } from './app-config';
      import { config as shipped } from './shipped-config';
      const account = '${account}';
      const regions = ${JSON.stringify(regions)};
      const [first] = shipped.workloads.accounts;
      export const config: AppConfig = {
        ...shipped,
        payer: { ...shipped.payer, account },
        ledger: { ...shipped.ledger, account },
        workloads: { accounts: [account], regions },
        services: shipped.services.filter(({ place }) => place.account === first && regions.includes(place.region))
          .map(service => ({ ...service, place: { ...service.place, account } })),
        ${properties}
      };
    `);
    const assembly = fs.mkdtempSync(path.join(folder, 'cdk.out-'));
    synthesizeInto(assembly, { checkout });
    return assembly;
  } finally {
    fs.rmSync(checkout, { recursive: true });
  }
}

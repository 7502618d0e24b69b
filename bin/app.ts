import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { analytics, schema } from '../lib';
import { AwsSolutionsPlugin } from './aws-solutions-plugin';
import { config } from './config';
import { LedgerStack } from './stacks/ledger-stack';
import { PayerStack } from './stacks/payer-stack';
import { WorkloadStack } from './stacks/workload-stack';
import { validateAppConfig } from './validate-app-config';

const readText = (fileName: string): string => fs.readFileSync(path.join(__dirname, '..', fileName), 'utf8');

validateAppConfig(config);
const { bucketPrefix, payer, ledger, workloads, services } = config;
const attributionSchema = schema.AttributionSchema.fromJson(readText('attribution-schema.json'));
const schemaLock = readText('attribution-schema.lock.json');

const app = new App({ analyticsReporting: false });
Validations.of(app).addPlugins(new AwsSolutionsPlugin(app));

const { bill } = new PayerStack(app, 'BedrockCostPayer', {
  env: payer,
  billBucketName: `${bucketPrefix}-bill-${payer.account}`,
  ledgerAccount: ledger.account,
});

for (const account of workloads.accounts) {
  for (const region of workloads.regions) {
    new WorkloadStack(app, `BedrockCostWorkload-${account}-${region}`, {
      env: { account, region },
      logBucketName: `${bucketPrefix}-logs-${account}-${region}`,
      ledgerAccount: ledger.account,
      schema: attributionSchema,
      schemaLock,
      services: services.filter(({ place }) => place.account === account && place.region === region),
    });
  }
}

new LedgerStack(app, 'BedrockCostLedger', {
  env: ledger,
  bill,
  invocationLogs: analytics.InvocationLogSource.fromBucketPerAccountAndRegion(`${bucketPrefix}-logs`, workloads),
});

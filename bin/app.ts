import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { schema } from '../lib';
import { AwsSolutionsPlugin } from './aws-solutions-plugin';
import { config } from './config';
import { LedgerStack } from './stacks/ledger-stack';
import { LogReplicationStack } from './stacks/log-replication-stack';
import { PayerStack } from './stacks/payer-stack';
import { ServiceLimitsStack } from './stacks/service-limits-stack';
import { SpendStack } from './stacks/spend-stack';
import { WorkloadStack } from './stacks/workload-stack';
import { validateAppConfig } from './validate-app-config';

const readText = (fileName: string): string => fs.readFileSync(path.join(__dirname, '..', fileName), 'utf8');

validateAppConfig(config);
const { bucketPrefix, payer, ledger, workloads, notifiedEmail, services, monthlyLimits, guardedTargets } = config;
const attributionSchema = schema.AttributionSchema.fromJson(readText('attribution-schema.json'));
const schemaLock = readText('attribution-schema.lock.json');

const app = new App({ analyticsReporting: false });
Validations.of(app).addPlugins(new AwsSolutionsPlugin(app));

const { bill, notificationTopic } = new PayerStack(app, 'BedrockCostPayer', {
  env: payer,
  billBucketName: `${bucketPrefix}-bill-${payer.account}`,
  ledgerAccount: ledger.account,
  schema: attributionSchema,
  notifiedEmail,
  guardedTargets,
});

new SpendStack(app, 'BedrockCostSpend', { env: payer, schema: attributionSchema, monthlyLimits, notificationTopic });

const ledgerBucketName = `${bucketPrefix}-ledger-${ledger.account}`;
const { logArchive } = new LedgerStack(app, 'BedrockCostLedger', {
  env: ledger,
  bill,
  schema: attributionSchema,
  ledgerBucketName,
  logArchiveBucketName: `${bucketPrefix}-log-archive-${ledger.account}`,
  workloads,
  notifiedEmail,
});

for (const account of workloads.accounts) {
  const stores = workloads.regions.map(region => {
    const workload = new WorkloadStack(app, `BedrockCostWorkload-${account}-${region}`, {
      env: { account, region },
      logBucketName: `${bucketPrefix}-logs-${account}-${region}`,
      logArchive,
      ledgerBucketName,
      listsPrincipals: region === workloads.regions[0],
      notifiedEmail,
      schema: attributionSchema,
      schemaLock,
      services: services.filter(({ place }) => place.account === account && place.region === region),
    });
    const limited = workload.services.filter(service => service.config.monthlyLimitUsd !== undefined);
    if (limited.length > 0) {
      new ServiceLimitsStack(app, `BedrockCostServiceLimits-${account}-${region}`, {
        env: { account, region }, services: limited, schema: attributionSchema, notificationTopic: workload.notificationTopic,
      });
    }
    return [region, workload.logStore] as const;
  });
  // in the Region of the archive a store watches its lag itself
  const distant = stores.filter(([region]) => region !== ledger.region);
  if (distant.length > 0) {
    new LogReplicationStack(app, `BedrockCostLogReplication-${account}`, {
      env: { account, region: ledger.region }, stores: Object.fromEntries(distant), notifiedEmail,
    });
  }
}

import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { guardrails } from './guardrails';
import { LlmGatewayStack } from './llm-gateway-stack';

const app = new App();
new LlmGatewayStack(app, 'LlmGateway');
guardrails.forEach((document, index) => {
  fs.writeFileSync(path.join(app.outdir, `guardrails-${index + 1}.json`), document);
});

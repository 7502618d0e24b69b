import type { SSMClient } from '@aws-sdk/client-ssm';
import { readParameter, writeParameter } from '../../private/handlers/text-parameter.lambda-shared';
import { MOST_STATE_BYTES, type PublishedServices } from './constants';

/** The names do not fit into a parameter. */
class TooManyServicesError extends Error {}

/** What was published last; undefined when there is nothing that can be read. */
export async function readPublished(client: SSMClient, parameterName: string): Promise<PublishedServices | undefined> {
  return parsePublished(await readParameter(client, parameterName));
}

/**
 * Publishes the names.
 *
 * @throws when they take more room than a parameter has
 */
export async function writePublished(client: SSMClient, parameterName: string, services: PublishedServices): Promise<void> {
  const Value = JSON.stringify(services);
  const bytes = Buffer.byteLength(Value);
  if (bytes > MOST_STATE_BYTES) {
    throw new TooManyServicesError(
      `the names of ${services.serviceNames.length} services take ${bytes} bytes, but a parameter has room for ${MOST_STATE_BYTES}; `
      + 'ignore those that are not Amazon Bedrock with ignoredServiceNames');
  }
  await writeParameter(client, parameterName, Value);
}

function parsePublished(text: string | undefined): PublishedServices | undefined {
  try {
    const { serviceNames, unknownServiceNames } = JSON.parse(text ?? '') as Record<string, unknown>;
    return isTexts(serviceNames) && isTexts(unknownServiceNames) ? { serviceNames, unknownServiceNames } : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(entry => typeof entry === 'string');
}

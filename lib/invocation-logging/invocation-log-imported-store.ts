import { Resource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { createDeliveryRole } from './invocation-log-delivery';
import { keyPrefixWithoutSlashes } from './invocation-log-key-prefix';
import type { IInvocationLogStore } from './invocation-log-store';
import type { InvocationLogStoreAttributes } from './invocation-log-store-attributes';
import { importProblems } from './validate-invocation-log-store';

/**
 * Makes a store of what exists already.
 *
 * @param makesRole whether a log group without a role gets one
 */
export function importStore(
  parent: Construct, id: string, attrs: InvocationLogStoreAttributes, makesRole: boolean,
): Resource & IInvocationLogStore {
  class Import extends Resource implements IInvocationLogStore {
    /** As given. */
    public readonly bucket = attrs.bucket;
    /** As given, without slashes at its ends. */
    public readonly keyPrefix = keyPrefixWithoutSlashes(attrs.keyPrefix);
    /** As given. */
    public readonly logGroup = attrs.logGroup;
    /** As given, or a new one for the log group. */
    public readonly role = attrs.role ?? (makesRole && attrs.logGroup !== undefined ? createDeliveryRole(this, attrs.logGroup) : undefined);
    /** As given. */
    public readonly largeDataStore = attrs.largeDataStore;
    /** As given. */
    public readonly archive = attrs.archive;
  }

  throwProblems('InvalidInvocationLogStore', 'the imported invocation log store', importProblems(attrs, makesRole, Stack.of(parent)), parent);
  return new Import(parent, id);
}

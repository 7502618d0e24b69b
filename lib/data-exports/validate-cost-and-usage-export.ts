import { type RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { EXPORT_REGIONS } from './export-regions';

/** What is checked about an export. */
export interface ExportToValidate {
  readonly exportName: string;
  readonly prefix: string;
  readonly region: string;
  readonly bucket?: IBucket;
  readonly bucketName?: string;
  readonly removalPolicy?: RemovalPolicy;
  readonly supportedRegions?: string[];
}

/** The hash and its hyphen take nine of the 128 characters of an export name. */
const MAX_BASE_NAME = 128 - 9;

/**
 * Throws when AWS would refuse the export.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bcmdataexports-export-export.html
 */
export function validateCostAndUsageExport(given: ExportToValidate, scope: IConstruct): void {
  const { exportName, prefix, region, bucket, bucketName, removalPolicy, supportedRegions = EXPORT_REGIONS } = given;
  const problems: string[] = [];
  if (!Token.isUnresolved(exportName) && !new RegExp(`^[0-9A-Za-z_-]{1,${MAX_BASE_NAME}}$`).test(exportName)) {
    problems.push(`exportName is ${JSON.stringify(exportName)}: use 1 to ${MAX_BASE_NAME} letters, digits, hyphens and underscores (a hash of 9 characters is appended)`);
  }
  if (!Token.isUnresolved(prefix) && !/^[^/]+(\/[^/]+)*$/.test(prefix)) {
    problems.push(`prefix is ${JSON.stringify(prefix)}: use one or more folder names joined by "/", with no slash at either end`);
  }
  if (!Token.isUnresolved(region) && !supportedRegions.includes(region)) {
    problems.push(`the stack's Region is ${JSON.stringify(region)}: CloudFormation makes exports only in ${supportedRegions.join(', ')}; `
      + 'put the export into a stack of its own there (its bucket may be in any Region), or extend supportedRegions if AWS has added this one');
  }
  if (bucket !== undefined && bucketName !== undefined) {
    problems.push(`bucketName is ${JSON.stringify(bucketName)} beside a bucket: leave it out, it names the bucket that is made when none is given`);
  }
  if (bucket !== undefined && removalPolicy !== undefined) {
    problems.push(`removalPolicy is ${JSON.stringify(removalPolicy)} beside a bucket: leave it out, it is for the bucket that is made when none is given`);
  }
  throwProblems('InvalidCostAndUsageExport', 'the cost and usage export', problems, scope);
}

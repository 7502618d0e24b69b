import { type RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { type ExportContent, renderQuery } from './export-query';
import { EXPORT_REGIONS } from './export-regions';
import { additionalColumnProblems } from './validate-additional-columns';

/** What is checked about an export that is made. */
export interface ExportToValidate {
  /** Beginning of the name. */
  readonly baseName: string;
  /** Full name, with the hash. */
  readonly exportName: string;
  readonly formerExportNames: string[];
  readonly content: ExportContent;
  readonly prefix: string;
  readonly region: string;
  readonly bucket?: IBucket;
  readonly bucketName?: string;
  readonly removalPolicy?: RemovalPolicy;
  readonly supportedRegions?: string[];
}

/** What is checked about an export that was made elsewhere. */
export interface ImportedExportToValidate {
  readonly exportName: string;
  readonly formerExportNames: string[];
  readonly additionalColumns: Readonly<Record<string, string>>;
  readonly prefix: string;
}

/** Longest name of an export. */
const MAX_NAME = 128;

/** The hash and its hyphen take nine of its characters. */
const MAX_BASE_NAME = MAX_NAME - 9;

/** Longest query of an export. */
const MAX_QUERY = 36_000;

/**
 * Most names of former exports: Athena walks through them in every query, and recommends a few dozen values of a partition at most.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
const MAX_FORMER_NAMES = 24;

/**
 * Throws when AWS would refuse the export, or a table would read it wrongly.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bcmdataexports-export-export.html
 */
export function validateCostAndUsageExport(given: ExportToValidate, scope: IConstruct): void {
  const { baseName, content, region, bucket, bucketName, removalPolicy, supportedRegions = EXPORT_REGIONS } = given;
  const problems: string[] = [];
  if (!Token.isUnresolved(baseName) && !isName(baseName, MAX_BASE_NAME)) {
    problems.push(`exportName is ${JSON.stringify(baseName)}: use 1 to ${MAX_BASE_NAME} letters, digits, hyphens and underscores (a hash of 9 characters is appended)`);
  }
  problems.push(...formerNameProblems(given.exportName, given.formerExportNames));
  problems.push(...prefixProblems(given.prefix));
  problems.push(...additionalColumnProblems(content.additionalColumns, content.flags));
  const query = renderQuery(content);
  if (!Token.isUnresolved(query) && query.length > MAX_QUERY) {
    problems.push(`the query has ${query.length} characters with its additionalColumns: name fewer of them, AWS takes at most ${MAX_QUERY}`);
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

/**
 * Throws when a table would read an imported export wrongly: names that are none yield no rows in Athena, and no error.
 */
export function validateImportedExport(given: ImportedExportToValidate, scope: IConstruct): void {
  const problems: string[] = [];
  if (!Token.isUnresolved(given.exportName) && !isName(given.exportName, MAX_NAME)) {
    problems.push(`exportName is ${JSON.stringify(given.exportName)}: use the full name, 1 to ${MAX_NAME} letters, digits, hyphens and underscores`);
  }
  problems.push(...formerNameProblems(given.exportName, given.formerExportNames));
  problems.push(...prefixProblems(given.prefix));
  problems.push(...additionalColumnProblems(given.additionalColumns));
  throwProblems('InvalidCostAndUsageExport', 'the imported cost and usage export', problems, scope);
}

function isName(name: string, maxLength: number): boolean {
  return /^[0-9A-Za-z_-]+$/.test(name) && name.length <= maxLength;
}

function prefixProblems(prefix: string): string[] {
  if (Token.isUnresolved(prefix) || /^[^/]+(\/[^/]+)*$/.test(prefix)) return [];
  return [`prefix is ${JSON.stringify(prefix)}: use one or more folder names joined by "/", with no slash at either end`];
}

function formerNameProblems(exportName: string, formerNames: string[]): string[] {
  if (Token.isUnresolved(formerNames)) return [];
  const concrete = formerNames.filter(name => !Token.isUnresolved(name));
  const duplicates = new Set(concrete.filter((name, index) => concrete.indexOf(name) !== index));
  const problems = concrete.filter(name => !isName(name, MAX_NAME)).map(name => (
    `formerExportNames has ${JSON.stringify(name)}: use the full name with its hash, 1 to ${MAX_NAME} letters, digits, hyphens and underscores`
  ));
  for (const name of duplicates) problems.push(`formerExportNames has ${JSON.stringify(name)} more than once: name each export once, the newest first`);
  if (concrete.includes(exportName)) {
    problems.push(`formerExportNames has ${JSON.stringify(exportName)}, which is the export's own name: if it came back to settings it had before, `
      + 'give it another exportName, for the folder of that name holds a month of which only the beginning was delivered; otherwise leave it out');
  }
  if (formerNames.length > MAX_FORMER_NAMES) {
    problems.push(`formerExportNames has ${formerNames.length} names: use at most ${MAX_FORMER_NAMES}, without those whose months nobody reads any more`);
  }
  return problems;
}

import { count, dollars, keyLabel, percent, plainText } from '../report/format';
import { periodText, rankedGroups } from '../report/render-sections';
import type { Report, ReportDetails } from '../report/report-contract';

/** Where a file of a report lies. */
export interface ReportFile {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/** Groups that a message names; the files have them all. */
const MOST_GROUPS = 10;

/** What a message says of a report: totals, the dearest groups, and where the files lie. Whoever follows a link has to sign in. */
export function reportMessage(report: Report, details: ReportDetails, files: readonly ReportFile[]): { subject: string; text: string } {
  const { totals } = report;
  const groups = rankedGroups(report);
  const amount = dollars(totals.billed_usd ?? totals.estimated_usd);
  return {
    subject: `Amazon Bedrock spend ${report.period.from} to ${report.period.to}: ${amount}${totals.billed_usd === null ? ' (estimate)' : ''}`,
    text: [
      `Amazon Bedrock spend, ${periodText(report)}`,
      '',
      `Billed        ${dollars(totals.billed_usd)}`,
      `Attributed    ${dollars(totals.attributed_usd)} (${percent(totals.attributed_usd, totals.billed_usd)})`,
      `Unattributed  ${dollars(totals.unattributed_usd)} (${percent(totals.unattributed_usd, totals.billed_usd)})`,
      `Adjustments   ${dollars(totals.adjustments_usd)}`,
      `Estimate      ${dollars(totals.estimated_usd)}`,
      `Calls         ${count(totals.requests)}`,
      '',
      `By ${report.by.join(', ')}:`,
      ...groups.slice(0, MOST_GROUPS).map(group => (
        `  ${report.by.map(key => keyLabel(group.keys[key])).join(' / ')}: ${dollars(group.billed_usd ?? group.estimated_usd)}`
      )),
      ...groups.length > MOST_GROUPS ? [`  … ${groups.length - MOST_GROUPS} more`] : [],
      ...details.warnings.length > 0 ? ['', 'Warnings:', ...details.warnings.map(warning => `  ${plainText(warning)}`)] : [],
      '',
      ...files.flatMap(file => [`${file.name}: s3://${file.bucket}/${file.key}`, `  ${consoleLink(file)}`]),
      '',
    ].join('\n'),
  };
}

/** @see https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
function consoleLink({ bucket, key, region }: ReportFile): string {
  let domain = 'console.aws.amazon.com';
  if (region.startsWith('cn-')) domain = 'console.amazonaws.cn';
  if (region.startsWith('us-gov-')) domain = 'console.amazonaws-us-gov.com';
  return `https://${region}.${domain}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(key)}`;
}

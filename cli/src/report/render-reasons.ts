import type { CoverageStatus, RemainderReason } from './report-contract';

/** What a reason means and what the reader can do about it. */
export const REASONS: Readonly<Record<RemainderReason, { readonly title: string; readonly advice: string }>> = {
  not_token_based: {
    title: 'Not billed by tokens',
    advice: 'Provisioned throughput, reserved capacity, custom models, images or storage: tag the resource itself and activate the tag for billing.',
  },
  unsettled: {
    title: 'Too recent to be settled',
    advice: 'Bill and logs of such young usage are still arriving: run the report again later.',
  },
  endpoint_not_logged: {
    title: 'Endpoint without logs',
    advice: 'Calls to bedrock-mantle never reach the invocation logs: give each workload its own project and tag the project.',
  },
  region_not_logged: {
    title: 'Region was not logged',
    advice: 'No call of that account and Region was recorded on that day: turn model invocation logging on there.',
  },
  caller_not_logged: {
    title: 'Caller was not logged',
    advice: 'Others were logged there, this caller was not: tag its IAM role, and check that the report is given all log files.',
  },
  under_logged: {
    title: 'Fewer tokens logged than billed',
    advice: 'Look for lost deliveries, damaged log files and log files that this report was not given.',
  },
  no_metadata: {
    title: 'Calls without metadata',
    advice: 'Send request metadata with every call (wrap the client), or tag the role that calls.',
  },
  key_absent: {
    title: 'Metadata lacks the key',
    advice: 'The calls carry metadata, but not every key asked for: add the missing key in the client, or tag the role that calls.',
  },
};

/** What a coverage status says, in words. */
export const COVERAGE_STATUSES: Readonly<Record<CoverageStatus, string>> = {
  logged: 'logged',
  partly_silent: 'silent on some days',
  silent: 'silent',
  not_billed: 'logged, not billed',
};

/** Where the runbooks are read: the main branch, whose pages are right for every version because they tell how to look. */
const RUNBOOKS = 'https://github.com/bedrock-cost-attribution/bedrock-cost-attribution/blob/main/docs/runbooks';

/** Address of the page `docs/runbooks/<page>.md`, for the description of an alarm. */
export function runbookUrl(page: string): string {
  return `${RUNBOOKS}/${page}.md`;
}

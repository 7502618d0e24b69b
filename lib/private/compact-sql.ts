/**
 * Without comments and indents: Athena repeats the text of a query before it says why the query failed, and Step Functions cuts that off.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function compactSql(sql: string): string {
  return sql.split('\n')
    // a quote after the dashes would be the end of a literal that has them
    .map(line => line.replace(/(^|\s)-- [^']*$/, '').replace(/^\s*--.*$/, '').trim())
    .filter(line => line !== '')
    .join('\n');
}

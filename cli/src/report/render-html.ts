import { renderCharts, type Chart } from './charts';
import { count, dollars, escapeHtml, NONE, percent } from './format';
import { inputsOf, periodText, reportSections, sourcesText, type Section, type SectionColumn } from './render-sections';
import { PAGE_STYLE } from './render-style';
import type { Report, ReportDetails } from './report-contract';

const LIMITS = { groups: 200, others: 50 };
/** No script, no network, no frame, no form: whatever the data contains, the page only shows it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one self-contained HTML page; the same bytes for the same report. */
export function renderHtml(report: Report, details: ReportDetails): string {
  const title = `Amazon Bedrock spend, ${escapeHtml(periodText(report))}`;
  const { warnings, tables } = splitWarnings(reportSections(report, details, LIMITS));
  const charts = renderCharts(report, details).map(chartHtml).join('\n');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">By ${report.by.map(escapeHtml).join(', ') || 'total'}. From ${escapeHtml(sourcesText(report))}.</p>
</header>
<main>
<ul class="tiles" aria-label="Key figures">
${tiles(report).map(tileHtml).join('\n')}
</ul>
${warnings.map(sectionHtml).join('\n')}
<div class="cards">
${charts}
</div>
${tables.map(sectionHtml).join('\n')}
</main>
<footer>Amounts are in US dollars and days are UTC. Enforced: the value is proven by IAM or the bill. Declared: the caller said so. \
An estimate is priced from the logs and is not a cost.</footer>
</body>
</html>
`;
}

/** Warnings stand above the figures they qualify. */
function splitWarnings(sections: readonly Section[]): { warnings: Section[]; tables: Section[] } {
  return { warnings: sections.filter(({ id }) => id === 'warnings'), tables: sections.filter(({ id }) => id !== 'warnings') };
}

interface Tile { readonly name: string; readonly value: string; readonly more: string; readonly tone: 'good' | 'alert' | 'plain' }

function tiles(report: Report): Tile[] {
  const { totals: t, quality } = report;
  const { logs, bill } = inputsOf(report);
  const silent = report.coverage.filter(({ status }) => status === 'silent' || status === 'partly_silent');
  const silentUsd = silent.reduce((sum, { silent_usd: amount }) => sum + (amount ?? 0), 0);
  const alertIf = (bad: boolean) => (bad ? 'alert' : 'plain');
  const noBill = 'no bill was given';
  const noLogs = 'no logs were given';
  return [
    { name: 'Billed', value: dollars(t.billed_usd), more: bill ? `adjustments ${dollars(t.adjustments_usd)} apart` : noBill, tone: 'plain' },
    { name: 'Attributed', value: percent(t.attributed_usd, t.billed_usd), more: bill ? dollars(t.attributed_usd) : noBill, tone: bill ? 'good' : 'plain' },
    {
      name: 'Unattributed', value: dollars(t.unattributed_usd), more: bill ? `${percent(t.unattributed_usd, t.billed_usd)} of billed` : noBill,
      tone: alertIf((t.unattributed_usd ?? 0) > 0),
    },
    { name: 'Estimate', value: dollars(t.estimated_usd), more: logs ? `${count(t.requests)} logged calls` : noLogs, tone: 'plain' },
    {
      name: 'Silent Regions', value: count(logs && bill ? silent.length : null), more: !bill ? noBill : logs ? `${dollars(silentUsd)} on silent days` : noLogs,
      tone: alertIf(logs && bill && silent.length > 0),
    },
    {
      name: 'Forged claims', value: count(logs ? quality.forged_claims : null), more: !logs ? noLogs : quality.forged_claims === null ? 'not checked' : 'calls',
      tone: alertIf(logs && (quality.forged_claims ?? 0) > 0),
    },
  ];
}

function tileHtml({ name, value, more, tone }: Tile): string {
  return `<li class="${tone}"><span class="name">${name}</span> <span class="value">${escapeHtml(value)}</span> <span class="more">${escapeHtml(more)}</span></li>`;
}

function chartHtml({ id, title, summary, wide, narrow, full }: Chart): string {
  return `<section${full ? ' class="full"' : id === 'groups' ? ' class="tall"' : ''} aria-labelledby="chart-${id}">
<h2 id="chart-${id}">${escapeHtml(title)}</h2>
<figure role="img" aria-label="${escapeHtml(summary)}">
<div class="wide">${wide}</div>
<div class="narrow">${narrow}</div>
</figure>
</section>`;
}

function sectionHtml(section: Section): string {
  const bullets = section.columns.length === 0;
  const notes = bullets
    ? `<ul class="plain">${section.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`
    : section.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('');
  return `<section aria-labelledby="section-${section.id}">
<h2 id="section-${section.id}">${escapeHtml(section.title)}</h2>
${section.rows.length > 0 ? tableHtml(section) : ''}${notes}
</section>`;
}

function tableHtml({ id, columns, rows, foot }: Section): string {
  const head = columns.map(({ header, kind }) => (header === '' ? '<td></td>' : `<th scope="col" class="${kind}">${escapeHtml(header)}</th>`)).join('');
  const body = (list: Section['rows']) => list.map((row) => `<tr>${row.map((cell, index) => cellHtml(cell, columns[index], index === 0)).join('')}</tr>`).join('\n');
  // focusable: a table that scrolls sideways must be reachable from the keyboard
  return `<div class="scroll" role="region" tabindex="0" aria-labelledby="section-${id}">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body(rows)}
</tbody>
${foot.length > 0 ? `<tfoot>\n${body(foot)}\n</tfoot>\n` : ''}</table>
</div>
`;
}

function cellHtml(cell: string, column: SectionColumn | undefined, first: boolean): string {
  const text = cell === NONE ? `<span class="none">${NONE}</span>` : escapeHtml(cell.trimStart());
  const kind = `${column?.kind ?? 'text'}${cell.startsWith('  ') ? ' indent' : ''}`;
  return first ? `<th scope="row" class="${kind}">${text}</th>` : `<td class="${kind}">${text}</td>`;
}

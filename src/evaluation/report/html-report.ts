// Report: a run for people. This room owns tables and the one page that needs nothing else; it must not
// compute scores.

import { type ScoreName, scoreTitles } from '../answers/score-answer.ts'
import type { DatasetRow } from '../dataset/dataset-row.ts'
import type { LabResult } from '../lab/run-lab.ts'
import { escapeHtml } from './escape-html.ts'
import { intervalPlot, type PlottedEstimate } from './interval-plot.ts'
import { likelihoodTable, type ReportTable, scoreTable, sweepTable } from './report-tables.ts'

export interface ReportFacts {
  readonly title: string
  /** Models, settings and dataset, a line each. */
  readonly settings: readonly string[]
}

/** Changes against the plain upstream that are worth a plot. */
const plottedScores: readonly ScoreName[] = ['rougeL', 'facts', 'usedFacts', 'styleDistance', 'wrongValues']

const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border-bottom: 1px solid #8884; padding: .25rem .6rem; text-align: left; white-space: nowrap }
figure { margin: 2rem 0 } figcaption { font-weight: 600 } svg { max-width: 55rem; width: 100% }
svg text { font-size: 12px; fill: currentColor } circle { fill: #2a6fdb } .interval { stroke: #2a6fdb; stroke-width: 2 }
.zero { stroke: #888; stroke-dasharray: 3 3 }
.texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem }
.texts article { border: 1px solid #8884; border-radius: .4rem; padding: .6rem } .texts p { white-space: pre-wrap }
h3 { font-size: .95rem; margin: 0 }`

/** The run as one page that needs nothing else: tables, plots, and all texts side by side. */
export function htmlReport(
  result: LabResult,
  rows: readonly DatasetRow[],
  { title, settings }: ReportFacts,
): string {
  const tables = [likelihoodTable(result.likelihoods), sweepTable(result.sweep), scoreTable(result.scores)]
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<ul>${settings.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
    ...tables.filter((table) => table.rows.length > 0).map(htmlTable),
    ...plots(result),
    ...(result.answers.length === 0 ? [] : ['<h2>Texts side by side</h2>']),
    ...rows.flatMap((row) => textsOf(row, result)),
    '</body></html>\n',
  ].join('\n')
}

function htmlTable({ title, note, headings, rows }: ReportTable): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  const body = rows.map((cells) => line(cells, 'td')).join('\n')
  return [
    `<h2>${escapeHtml(title)}</h2><p>${escapeHtml(note)}</p>`,
    `<table><thead>${line(headings, 'th')}</thead><tbody>${body}</tbody></table>`,
  ].join('\n')
}

function plots({ likelihoods, scores }: LabResult): string[] {
  const gains = likelihoods.map(
    ({ system, candidates, strict }): PlottedEstimate => ({
      label: system.includes('K=') ? system : `${system} K=${candidates}`,
      estimate: strict,
    }),
  )
  const changes = plottedScores.map((name) => ({
    title: `${scoreTitles[name]}: change against the plain upstream`,
    items: scores.flatMap(({ system, scores: own }): PlottedEstimate[] => {
      const change = own[name]?.change
      return change === null || change === undefined ? [] : [{ label: system, estimate: change }]
    }),
  }))
  return [{ title: 'Strict change of the likelihood, nats a token', items: gains }, ...changes]
    .filter(({ items }) => items.length > 0)
    .map(({ title, items }) => intervalPlot(title, items))
}

function textsOf({ id, query, reference }: DatasetRow, { answers }: LabResult): string[] {
  const own = answers.filter(({ record }) => record.row === id)
  if (own.length === 0) return []
  const article = (heading: string, text: string) =>
    `<article><h3>${escapeHtml(heading)}</h3><p>${escapeHtml(text)}</p></article>`
  return [
    `<details><summary>${escapeHtml(`${id}: ${query}`)}</summary><div class="texts">`,
    ...(reference === '' ? [] : [article('what the user wrote', reference)]),
    ...own.map(({ record }) => article(record.system, record.text)),
    '</div></details>',
  ]
}

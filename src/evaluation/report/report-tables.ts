import type { SystemScores } from '../answers/answer-study.ts'
import { type ScoreName, scoreNames, scoreTitles } from '../answers/score-answer.ts'
import type { SweptPoint } from '../lab/run-lab.ts'
import type { LikelihoodResult } from '../likelihood/likelihood-study.ts'
import { estimateText, percent } from './estimate-text.ts'

/** A table as text: headings, then rows of as many cells. */
export interface ReportTable {
  readonly title: string
  readonly note: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Scores that are shares of rows or of words. */
const shares: ReadonlySet<ScoreName> = new Set([
  'greeting',
  'signOff',
  'name',
  'marked',
  'phrase',
  'acceptance',
])

/** The likelihood of what users wrote, K by K. */
export function likelihoodTable(results: readonly LikelihoodResult[]): ReportTable {
  return {
    title: 'Likelihood of what users wrote',
    note: 'Nats a token, negative changes are better, with 95 % intervals over rows. Strict: at the temperature that suits each system best, against the upstream at the one that suits it best.',
    headings: [
      'system',
      'K',
      'nats',
      'raw change',
      'strict change',
      'of the ceiling',
      'choices changed',
      '1/T',
    ],
    rows: results.map((result) => [
      result.system,
      String(result.candidates),
      (result.rawNats.reduce((sum, value) => sum + value, 0) / result.rawNats.length).toFixed(3),
      estimateText(result.raw),
      estimateText(result.strict),
      result.ofCeiling === null ? '' : estimateText(result.ofCeiling, percent),
      `${(100 * result.changed).toFixed(1)} %`,
      result.sharpness.toFixed(2),
    ]),
  }
}

/** The published parameters one by one; settings of one strength stand for each other. */
export function sweepTable(points: readonly SweptPoint[]): ReportTable {
  const equals = (strength: number) =>
    points
      .filter(({ point }) => point.strength === strength)
      .map(({ point }) => `${point.axis}=${point.value}`)
  return {
    title: 'The published parameters, one by one',
    note: 'All five act through the strength c alone, so that settings of one c are the same. At the largest K.',
    headings: ['parameter', 'c', 'raw change', 'strict change', 'choices changed', 'the same as'],
    rows: points.map(({ point, result }) => {
      const own = `${point.axis}=${point.value}`
      return [
        own,
        point.strength.toFixed(3),
        estimateText(result.raw),
        estimateText(result.strict),
        `${(100 * result.changed).toFixed(1)} %`,
        equals(point.strength)
          .filter((other) => other !== own)
          .join(', '),
      ]
    }),
  }
}

/** Every score that any system has, a column each. */
export function scoreTable(systems: readonly SystemScores[]): ReportTable {
  const shown = scoreNames.filter((name) => systems.some(({ scores }) => scores[name] !== undefined))
  return {
    title: 'Answers',
    note: "Means over the rows that call for a score; in brackets the change against the plain upstream's answers and its 95 % interval. docs/quality.md says how each is computed.",
    headings: ['system', ...shown.map((name) => scoreTitles[name])],
    rows: systems.map(({ system, scores }) => [
      system,
      ...shown.map((name) => {
        const summary = scores[name]
        if (summary === undefined) return ''
        const text = (value: number) => (shares.has(name) ? percent(value) : value.toFixed(3))
        const { value, change } = summary
        return change === null ? text(value.mean) : `${text(value.mean)} (${estimateText(change, text)})`
      }),
    ]),
  }
}

/** A table in Markdown, a line each. */
export function markdownLines({ title, note, headings, rows }: ReportTable): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`## ${title}`, note, '', line(headings), line(headings.map(() => '---')), ...rows.map(line)]
}

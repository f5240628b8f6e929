import { describe, expect, test } from 'vitest'
import { studyAnswers } from '../../../src/evaluation/answers/answer-study.ts'
import { htmlReport } from '../../../src/evaluation/report/html-report.ts'
import { likelihoodTable, markdownLines, scoreTable } from '../../../src/evaluation/report/report-tables.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'
import { answerOf } from '../answers/made-up-answer.ts'

const rows = ['a', 'b'].map((id) => ({
  id,
  query: 'Describe <b>the barn</b>.',
  reference: 'It leaks & creaks.',
  profile: sampleProfile(),
}))
const estimate = { mean: -0.05, low: -0.08, high: -0.02 }
const likelihoods = [
  {
    system: 'costeer turns c=0.5 K=100',
    candidates: 100,
    rawNats: [3, 3.2],
    nats: [2.9, 3.1],
    raw: estimate,
    strict: estimate,
    ofCeiling: { mean: 0.3, low: 0.2, high: 0.4 },
    changed: 0.12,
    sharpness: 0.85,
  },
]
const records = rows.flatMap(({ id }) => [
  answerOf(id, 'upstream'),
  answerOf(id, 'costeer', { text: 'It leaks <script>' }),
])
const { answers, systems } = studyAnswers(rows, records)
const result = { likelihoods, sweep: [], answers, scores: systems }

describe('the report', () => {
  const page = htmlReport(result, rows, { title: 'A run', settings: ['2 rows'] })

  test('needs nothing from elsewhere, and shows texts as text', () => {
    expect(page).not.toMatch(/(?:src|href)=|https?:|<script|@import|url\(/)
    expect(page).toContain('It leaks &lt;script&gt;')
    expect(page).toContain('Describe &lt;b&gt;the barn&lt;/b&gt;.')
    expect(page).toContain('It leaks &amp; creaks.')
  })

  test('has a plot of gains and one of each score that changes can be told of', () => {
    expect(page.match(/<svg /g)?.length).toBeGreaterThan(1)
    expect(page).toContain('Strict change of the likelihood')
  })

  test('has the tables that the terminal shows', () => {
    const lines = markdownLines(likelihoodTable(likelihoods))
    expect(lines).toContain(
      '| costeer turns c=0.5 K=100 | 100 | 3.100 | -0.050 [-0.080, -0.020] | -0.050 [-0.080, -0.020] | 30 % [20 %, 40 %] | 12.0 % | 0.85 |',
    )
    expect(markdownLines(scoreTable(systems)).at(-1)).toMatch(/^\| costeer \| 0\.\d{3} \(/)
  })
})

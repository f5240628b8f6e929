import { expect, test } from 'vitest'
import { exampleTools, toolsOf } from '../../../web/state/offered-tools.ts'

test('tools are a JSON list, or nothing, or a problem that says what is wrong', () => {
  expect(toolsOf(JSON.stringify(exampleTools))).toEqual({ tools: exampleTools, problem: null })
  expect(toolsOf(' \n')).toEqual({ tools: [], problem: null })
  expect(toolsOf('{}').problem).toContain('must be a list')
  expect(toolsOf('[{').problem).toContain('no JSON')
})

import { describe, expect, test } from 'vitest'
import { templateArguments } from '../../../src/gateway/prompts/template-arguments.ts'
import { noThinkingControl } from '../../../src/slm/channels/thinking-control.ts'
import { tokenId } from '../../../src/steer/token-id.ts'

const ending = [tokenId(7)]
const known = { off: { thinking: false }, on: { thinking: true } }
const control = { switch: { arguments: known, hasEffort: false }, ending }
const auto = { control, configured: 'auto' } as const
const off = { control, configured: 'off' } as const

describe("what the upstream's template is told", () => {
  test('is nothing where neither request nor configuration says anything', () => {
    expect(templateArguments({}, auto)).toEqual({ ending: [] })
  })

  test("is the switch by the template's own name, whatever the request calls it", () => {
    expect(templateArguments({ thinks: true }, auto)).toEqual({
      templateKwargs: { thinking: true },
      ending: [],
    })
    expect(templateArguments({ thinks: false }, auto)).toEqual({
      templateKwargs: { thinking: false },
      ending,
    })
  })

  test('is that thinking is off for the effort none, and any other effort as it is', () => {
    expect(templateArguments({ effort: 'none' }, auto)).toEqual({
      templateKwargs: { thinking: false },
      ending,
    })
    expect(templateArguments({ effort: 'low' }, auto)).toEqual({
      templateKwargs: { reasoning_effort: 'low' },
      ending: [],
    })
  })

  test('is whatever values the request names, which win', () => {
    const templateKwargs = { thinking: true, name: 'x' }
    expect(templateArguments({ thinks: false, templateKwargs }, auto).templateKwargs).toEqual(templateKwargs)
  })

  test.each([
    [{}, { templateKwargs: { thinking: false }, ending }],
    [{ templateKwargs: { name: 'x' } }, { templateKwargs: { thinking: false, name: 'x' }, ending }],
    [{ thinks: true }, { templateKwargs: { thinking: true }, ending: [] }],
    [{ effort: 'high' }, { templateKwargs: { reasoning_effort: 'high' }, ending: [] }],
    [
      { templateKwargs: { enable_thinking: true } },
      { templateKwargs: { enable_thinking: true }, ending: [] },
    ],
  ])('is with `thinking: off` not to think, unless the request says otherwise: %j', (asked, told) => {
    expect(templateArguments(asked, off)).toEqual(told)
  })

  test('is nothing for a template that cannot be told', () => {
    const deaf = { control: noThinkingControl, configured: 'off' } as const
    expect(templateArguments({ thinks: false }, deaf)).toEqual({ ending: [] })
  })
})

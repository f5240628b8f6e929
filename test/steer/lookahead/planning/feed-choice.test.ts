import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DraftNode } from '../../../../src/steer/lookahead/drafts/draft-node.ts'
import { chooseFeed } from '../../../../src/steer/lookahead/planning/feed-choice.ts'
import { LatencyEstimates } from '../../../../src/steer/lookahead/planning/latency-estimates.ts'
import { tokenId } from '../../../../src/steer/token-id.ts'

/** An engine whose passes take `share` of the first token for each further one, as measured. */
function latencyOf(share: number): LatencyEstimates {
  const latency = new LatencyEstimates()
  for (let i = 0; i < 40; i++) latency.fed(1 + (i % 4), 20 * (1 + share * (i % 4)), 0)
  return latency
}

function grown(parent: DraftNode, token: number, reach: number): DraftNode {
  const child = parent.child(tokenId(token))
  child.forecast.reach = reach
  return child
}

function readyRoot(): DraftNode {
  const root = new DraftNode(null, null, 0)
  root.row = 'ready'
  root.forecast.reach = 1
  return root
}

function choose(
  root: DraftNode,
  reachable: readonly DraftNode[],
  latency: LatencyEstimates,
  { largestPass = 8, leastReach = 0 } = {},
) {
  return chooseFeed({ root, reachable, nowMs: 0, latency, leastReach, largestPass, rootAnswerAtMs: null })
}

describe('the next pass', () => {
  test('takes siblings when further tokens are cheap and the first only when they are not', () => {
    const root = readyRoot()
    const [best, second, third] = [grown(root, 1, 0.5), grown(root, 2, 0.3), grown(root, 3, 0.02)]
    const reachable = [root, third, second, best]
    expect(choose(root, reachable, latencyOf(0.2))).toEqual([best, second])
    expect(choose(root, reachable, latencyOf(1))).toEqual([best])
  })

  test('takes what is likeliest, on whichever branch, and children behind their parents', () => {
    const root = readyRoot()
    const left = grown(root, 1, 0.6)
    const below = grown(left, 2, 0.5)
    const right = grown(root, 3, 0.35)
    expect(choose(root, [root, right, below, left], latencyOf(0.1))).toEqual([left, below, right])
  })

  test('stays away from nodes whose parent is being computed or was not chosen', () => {
    const root = readyRoot()
    const fed = grown(root, 1, 0.9)
    fed.row = 'fed'
    const blind = grown(fed, 2, 0.8)
    const other = grown(root, 3, 0.05)
    expect(choose(root, [root, fed, blind, other], latencyOf(0.1))).toEqual([other])
  })

  test('is one token where each takes a pass of its own, however likely the next ones are', () => {
    const root = readyRoot()
    const sure = grown(root, 1, 0.99)
    const next = grown(sure, 2, 0.98)
    expect(choose(root, [root, sure, next], latencyOf(0.1), { largestPass: 1 })).toEqual([sure])
  })

  test('is none but the settled one where going back costs much', () => {
    const root = readyRoot()
    const sure = grown(root, 1, 0.99)
    expect(choose(root, [root, sure], latencyOf(0.1), { leastReach: 1 })).toBeNull()
    root.row = 'none'
    expect(choose(root, [root, sure], latencyOf(0.1), { leastReach: 1 })).toEqual([root])
  })

  test('is a tree without repetition that the engine can compute, whatever the probabilities', () => {
    const shape = fc.array(fc.tuple(fc.nat(), fc.double({ min: 0.01, max: 1, noNaN: true })), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(shape, fc.double({ min: 0, max: 1, noNaN: true }), (nodes, share) => {
        const root = readyRoot()
        const all = [root]
        for (const [index, [at, conditional]] of nodes.entries()) {
          const parent = all[at % all.length] as DraftNode
          all.push(grown(parent, index, parent.forecast.reach * conditional))
        }
        const pass = choose(root, all, latencyOf(share)) ?? []
        expect(new Set(pass).size).toBe(pass.length)
        for (const [index, { parent }] of pass.entries()) {
          expect(parent === root || pass.slice(0, index).includes(parent as DraftNode)).toBe(true)
        }
      }),
    )
  })
})

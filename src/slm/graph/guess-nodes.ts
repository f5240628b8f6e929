import type { OnnxGraph } from './onnx-graph.ts'

/** Guesses per position and kind. */
export const GUESSES = 8

/** An output that costs nothing where nobody fetches it. */
export const PUBLIC_LOGITS = 'public_logits'

/**
 * From the logits of pairs of streams, [1, 2n, V] with those of `with` first, to their outputs:
 * `delta` [1, n, V] = with - without; `public_tokens`, `public_probabilities` [1, n, GUESSES] of
 * softmax(without); `private_tokens`, `private_probabilities` of softmax(without + strength *
 * delta); `gain` [1, n], by how much the second's normaliser is above the first's (nats); and
 * `public_logits` [1, n, V], those of `without`.
 */
export function guessNodes(graph: OnnxGraph, logits: string, vocabularySize: number): void {
  const strengths = graph.input('strengths', 'float32', ['positions', 1])
  const [withProfile = '', without = ''] = graph.nodes('Split', [logits], 2, { attributes: { axis: 1 } })
  graph.output(PUBLIC_LOGITS, without, 'float32', [1, 'positions', vocabularySize])
  const delta = graph.node('Sub', [withProfile, without])
  graph.output('delta', delta, 'float32', [1, 'positions', vocabularySize])
  const steered = graph.node('Add', [without, graph.node('Mul', [delta, strengths])])
  const count = graph.constant([Math.min(GUESSES, vocabularySize)])
  const largest = (values: string) =>
    graph.node('ReduceMax', [values], { attributes: { axes: [2], keepdims: 0 } })
  const normalisers: string[] = []
  for (const [kind, scores] of [
    ['public', without],
    ['private', steered],
  ] as const) {
    const probabilities = graph.node('Softmax', [scores], { attributes: { axis: 2 } })
    const [best = '', tokens = ''] = graph.nodes('TopK', [probabilities, count], 2, {
      attributes: { axis: 2, largest: 1, sorted: 1 },
    })
    graph.output(`${kind}_probabilities`, best, 'float32', [1, 'positions', 'guesses'])
    graph.output(`${kind}_tokens`, tokens, 'int64', [1, 'positions', 'guesses'])
    normalisers.push(graph.node('Sub', [largest(scores), graph.node('Log', [largest(best)])]))
  }
  const [before = '', after = ''] = normalisers
  graph.output('gain', graph.node('Sub', [after, before]), 'float32', [1, 'positions'])
}

import type { tinyWeights } from '../tiny-model.ts'

type Weights = ReturnType<typeof tinyWeights>

/** The decoder as the papers write it, in float64 and one row at a time: logits after each token. */
export function referenceLogits(weights: Weights, tokens: Int32Array): number[][] {
  const { shape } = weights
  const tensor = (name: string): Float32Array => {
    const found = weights.tensors.get(name)
    if (!found) throw new Error(`no tensor ${name}`)
    return found
  }
  const caches = Array.from({ length: shape.layers }, () => ({
    keys: [] as number[][],
    values: [] as number[][],
  }))
  return Array.from(tokens, (token, position) => {
    let state = row(tensor('token_embd.weight'), token, shape.hidden)
    for (const [layer, cache] of caches.entries()) {
      const own = (name: string) => tensor(`blk.${layer}.${name}`)
      const project = (name: string, input: number[]) => {
        const product = multiply(own(`${name}.weight`), input)
        const bias = weights.tensors.get(`blk.${layer}.${name}.bias`)
        return bias ? add(product, [...bias]) : product
      }
      const input = normalise(state, own('attn_norm.weight'), shape.rmsNormEpsilon)
      const query = rotate(project('attn_q', input), position, shape)
      cache.keys.push(rotate(project('attn_k', input), position, shape))
      cache.values.push(project('attn_v', input))
      state = add(state, multiply(own('attn_output.weight'), attend(query, cache, shape)))
      const middle = normalise(state, own('ffn_norm.weight'), shape.rmsNormEpsilon)
      const up = multiply(own('ffn_up.weight'), middle)
      const gated = multiply(own('ffn_gate.weight'), middle).map(
        (gate, index) => (gate / (1 + Math.exp(-gate))) * (up[index] ?? 0),
      )
      state = add(state, multiply(own('ffn_down.weight'), gated))
    }
    const head = shape.tiedEmbeddings ? 'token_embd.weight' : 'output.weight'
    return multiply(tensor(head), normalise(state, tensor('output_norm.weight'), shape.rmsNormEpsilon))
  })
}

function row(matrix: Float32Array, index: number, width: number): number[] {
  return [...matrix.subarray(index * width, (index + 1) * width)]
}

function add(left: number[], right: number[]): number[] {
  return left.map((value, index) => value + (right[index] ?? 0))
}

function dot(left: number[], right: ArrayLike<number>): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
}

function multiply(matrix: Float32Array, input: number[]): number[] {
  return Array.from({ length: matrix.length / input.length }, (_, output) =>
    dot(input, matrix.subarray(output * input.length, (output + 1) * input.length)),
  )
}

function normalise(state: number[], scale: Float32Array, epsilon: number): number[] {
  const size = Math.sqrt(dot(state, state) / state.length + epsilon)
  return state.map((value, index) => (value / size) * (scale[index] ?? 0))
}

function rotate(heads: number[], position: number, { headDim, rotations }: Weights['shape']): number[] {
  const half = headDim / 2
  return heads.map((value, index) => {
    const within = index % headDim
    const pair = within % half
    const angle = position * (rotations[0]?.theta ?? 0) ** ((-2 * pair) / headDim)
    const partner = heads[index + (within < half ? half : -half)] ?? 0
    return value * Math.cos(angle) + (within < half ? -partner : partner) * Math.sin(angle)
  })
}

function attend(
  query: number[],
  { keys, values }: { keys: number[][]; values: number[][] },
  { heads, kvHeads, headDim }: { heads: number; kvHeads: number; headDim: number },
): number[] {
  return Array.from({ length: heads }, (_, head) => {
    const shared = Math.floor(head / (heads / kvHeads)) * headDim
    const own = query.slice(head * headDim, (head + 1) * headDim)
    const scores = keys.map((key) => dot(own, key.slice(shared, shared + headDim)) / Math.sqrt(headDim))
    const top = Math.max(...scores)
    const weights = scores.map((score) => Math.exp(score - top))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return Array.from({ length: headDim }, (_, index) =>
      values.reduce((sum, value, at) => sum + ((weights[at] ?? 0) / total) * (value[shared + index] ?? 0), 0),
    )
  }).flat()
}

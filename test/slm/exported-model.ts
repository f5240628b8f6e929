import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rotation } from '../../src/slm/families/rotation.ts'
import { CONTRIB_DOMAIN, OnnxGraph } from '../../src/slm/graph/onnx-graph.ts'
import { rotaryTables } from '../../src/slm/graph/rotary-tables.ts'
import { TensorFile } from '../../src/slm/graph/tensor-file.ts'
import { tinyWeights } from './tiny-model.ts'

type Shape = Parameters<typeof tinyWeights>[0]

const INT32 = 6

/** Writes the shape's random model as a folder in the onnx-community layout. */
export async function exportTiny(shape: Shape) {
  const folder = await mkdtemp(join(tmpdir(), 'exported-model-'))
  await mkdir(join(folder, 'onnx'))
  const config = {
    num_hidden_layers: shape.layers,
    hidden_size: shape.hidden,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    vocab_size: shape.vocabularySize,
    max_position_embeddings: shape.contextTokens,
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const file = await TensorFile.create(join(folder, 'onnx', 'model.onnx_data'))
  await writeFile(join(folder, 'onnx', 'model.onnx'), await graphOf(shape, file))
  await file.close()
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function graphOf(shape: Shape, file: TensorFile): Promise<Uint8Array> {
  const graph = new OnnxGraph()
  const weights = tinyWeights(shape)
  const { hidden, kvHeads, headDim, heads, contextTokens } = shape
  const float = async (values: Float32Array, dimensions: readonly number[]) =>
    graph.external('float32', dimensions, await file.append([values]))
  const vector = async (name: string) => {
    const values = await weights.read(name)
    return float(values, [values.length])
  }
  const linear = async (input: string, name: string, inputs: number) => {
    const values = await weights.read(`${name}.weight`)
    const stored = await float(values, [values.length / inputs, inputs])
    const product = graph.node('MatMul', [
      input,
      graph.node('Transpose', [stored], { attributes: { perm: [1, 0] } }),
    ])
    return weights.has(`${name}.bias`) ? graph.node('Add', [product, await vector(`${name}.bias`)]) : product
  }
  const normal = async (input: string, name: string) =>
    graph.node('SimplifiedLayerNormalization', [input, await vector(name)], {
      attributes: { epsilon: { float: shape.rmsNormEpsilon }, axis: -1, stash_type: 1 },
    })
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length'])
  const tables = await rotaryTables(weights, shape.rotations[0] as Rotation)
  const rotary = [
    await float(tables.cosine, [contextTokens, headDim / 2]),
    await float(tables.sine, [contextTokens, headDim / 2]),
  ]
  const length = graph.node('Slice', [graph.node('Shape', [mask]), graph.constant([1]), graph.constant([2])])
  const toInt32 = (value: string) => graph.node('Cast', [value], { attributes: { to: INT32 } })
  const last = toInt32(graph.node('Sub', [length, graph.constant([1])]))
  const total = toInt32(graph.node('Squeeze', [length]))
  const embedding = await float(await weights.read('token_embd.weight'), [shape.vocabularySize, hidden])
  let state = graph.node('Gather', [embedding, ids], { attributes: { axis: 0 } })
  for (let layer = 0; layer < shape.layers; layer++) {
    const own = (name: string) => `blk.${layer}.${name}`
    const past = ['batch_size', kvHeads, 'past_sequence_length', headDim]
    const input = await normal(state, own('attn_norm.weight'))
    const [attended = '', key = '', value = ''] = graph.nodes(
      'GroupQueryAttention',
      [
        await linear(input, own('attn_q'), hidden),
        await linear(input, own('attn_k'), hidden),
        await linear(input, own('attn_v'), hidden),
        graph.input(`past_key_values.${layer}.key`, 'float32', past),
        graph.input(`past_key_values.${layer}.value`, 'float32', past),
        last,
        total,
        ...rotary,
      ],
      3,
      {
        domain: CONTRIB_DOMAIN,
        attributes: { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
      },
    )
    for (const [name, tensor] of [
      ['key', key],
      ['value', value],
    ] as const)
      graph.output(`present.${layer}.${name}`, tensor, 'float32', ['batch_size', kvHeads, 'total', headDim])
    state = graph.node('Add', [state, await linear(attended, own('attn_output'), heads * headDim)])
    const middle = await normal(state, own('ffn_norm.weight'))
    const gate = await linear(middle, own('ffn_gate'), hidden)
    const open = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])])
    const gated = graph.node('Mul', [open, await linear(middle, own('ffn_up'), hidden)])
    state = graph.node('Add', [state, await linear(gated, own('ffn_down'), shape.feedForward)])
  }
  const head = shape.tiedEmbeddings ? 'token_embd' : 'output'
  const logits = await linear(await normal(state, 'output_norm.weight'), head, hidden)
  graph.output('logits', logits, 'float32', ['batch_size', 'sequence_length', shape.vocabularySize])
  return graph.encode()
}

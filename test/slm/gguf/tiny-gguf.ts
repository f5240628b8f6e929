/**
 * A GGUF value as the writer below takes it: strings, unsigned 32-bit numbers, floats by
 * wrapping, and their arrays.
 */
export type WrittenValue =
  | string
  | number
  | boolean
  | { float: number }
  | { floats: readonly number[] }
  | { integers: readonly number[] }
  | { booleans: readonly boolean[] }
  | readonly string[]
  | readonly number[]

export interface WrittenTensor {
  readonly name: string
  /** Slowest dimension first. */
  readonly shape: readonly number[]
  readonly type: number
  readonly data: Uint8Array
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
}

function written(value: WrittenValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(8), text(value)])
  if (typeof value === 'boolean') return Buffer.concat([u32(7), Buffer.from([value ? 1 : 0])])
  if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)])
  if ('float' in value) return Buffer.concat([u32(6), f32(value.float)])
  if ('floats' in value)
    return Buffer.concat([u32(9), u32(6), u64(value.floats.length), ...value.floats.map(f32)])
  if ('integers' in value) {
    const bytes = Buffer.from(Int32Array.from(value.integers).buffer)
    return Buffer.concat([u32(9), u32(5), u64(value.integers.length), bytes])
  }
  if ('booleans' in value) {
    const bytes = value.booleans.map((one) => Buffer.from([one ? 1 : 0]))
    return Buffer.concat([u32(9), u32(7), u64(bytes.length), ...bytes])
  }
  const items = value.map((item) => (typeof item === 'string' ? text(item) : u32(item)))
  return Buffer.concat([u32(9), u32(typeof value[0] === 'string' ? 8 : 4), u64(value.length), ...items])
}

/** A whole GGUF version 3 file in memory. */
export function writeGguf(metadata: Record<string, WrittenValue>, tensors: readonly WrittenTensor[]): Buffer {
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(metadata).length)]
  for (const [key, value] of Object.entries(metadata)) parts.push(text(key), written(value))
  let offset = 0
  for (const { name, shape, type, data } of tensors) {
    parts.push(text(name), u32(shape.length), ...[...shape].reverse().map(u64), u32(type), u64(offset))
    offset += Math.ceil(data.length / 32) * 32
  }
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)])
  return Buffer.concat([
    padded(Buffer.concat(parts)),
    ...tensors.map(({ data }) => padded(Buffer.from(data))),
  ])
}

export function float32Tensor(
  name: string,
  shape: readonly number[],
  values: readonly number[],
): WrittenTensor {
  return {
    name,
    shape,
    type: 0,
    data: new Uint8Array(Float32Array.from(values).buffer),
  }
}

export function tinyMetadata(architecture: string): Record<string, WrittenValue> {
  return {
    'general.architecture': architecture,
    [`${architecture}.block_count`]: 1,
    [`${architecture}.context_length`]: 64,
    [`${architecture}.embedding_length`]: 8,
    [`${architecture}.feed_forward_length`]: 16,
    [`${architecture}.attention.head_count`]: 2,
    [`${architecture}.attention.head_count_kv`]: 1,
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { float: 1e-5 },
    [`${architecture}.rope.freq_base`]: { float: 10_000 },
    ...(architecture === 'granite' && { 'granite.logit_scale': { float: 8 } }),
  }
}

function count(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

/** Three tokens of width 8, two heads of 4, one key/value head. */
export function tinyTensors(): WrittenTensor[] {
  return [
    float32Tensor('token_embd.weight', [3, 8], count(24)),
    float32Tensor('blk.0.attn_q.weight', [8, 8], count(64)),
    float32Tensor('blk.0.attn_k.bias', [4], [0, 1, 2, 3]),
    float32Tensor('blk.0.attn_v.bias', [4], [0, 1, 2, 3]),
  ]
}

import { type FamilyName, familyOf } from '../families/families.ts'

/** Parts of a layer by their names on the hub, with GGUF's; a norm that depends on the family is left out. */
const parts = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.qkv_proj': 'attn_qkv',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.gate_up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  'shared_mlp.input_linear': 'ffn_up',
  'shared_mlp.output_linear': 'ffn_down',
} as const

const ends = {
  'embed_tokens.weight': 'token_embd.weight',
  'norm.weight': 'output_norm.weight',
} as const

/** Of models that also see: all but the decoder. */
const OTHER_PARTS = /^(model\.)?(vision_tower|vision_model|multi_modal_projector|vision_projection)\./
/** Frequencies that old files have for each layer; they follow from the configuration. */
const FREQUENCIES = /\.rotary_emb\.inv_freq$/

/** What a tensor is called in GGUF. */
export interface HubNames {
  /** Null for one that the decoder has no use for; a name that nobody knows stays what it is. */
  inGguf(name: string): string | null
  /** The other way round, for people. */
  onHub(name: string): string
}

/** What a family's tensors are called on the hub and in GGUF. */
export function hubNames(family: FamilyName): HubNames {
  const afterAttention = familyOf(family).norms === 'before' ? 'ffn_norm' : 'post_attention_norm'
  const partOf = new Map<string, string>(Object.entries(parts))
  partOf.set('post_attention_layernorm', afterAttention)
  const inGguf = (name: string) => {
    if (OTHER_PARTS.test(name) || FREQUENCIES.test(name)) return null
    if (/^(language_model\.)?lm_head\.weight$/.test(name)) return 'output.weight'
    const own = name.replace(/^(model\.language_model\.|language_model\.model\.|model\.)/, '')
    const end = Object.hasOwn(ends, own) ? ends[own as keyof typeof ends] : undefined
    if (end !== undefined) return end
    const [, layer = '', part = '', kind = ''] = /^layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(own) ?? []
    const known = partOf.get(part)
    return known === undefined ? name : `blk.${layer}.${known}.${kind}`
  }
  return { inGguf, onHub: (name) => onHub(name, partOf) }
}

function onHub(name: string, partOf: ReadonlyMap<string, string>): string {
  if (name === 'output.weight') return 'lm_head.weight'
  const end = Object.entries(ends).find(([, own]) => own === name)?.[0]
  if (end !== undefined) return `model.${end}`
  const [, layer = '', part = '', kind = ''] = /^blk\.(\d+)\.([^.]+)\.(weight|bias)$/.exec(name) ?? []
  const known = [...partOf].find(([, own]) => own === part)?.[0]
  return known === undefined ? name : `model.layers.${layer}.${known}.${kind}`
}

// This room owns the local model behind a server next door: its streams in the server's slots, rows of which
// only the likeliest tokens are known, and what is checked before the profile goes there. It knows nothing of
// upstreams, nor of how profiles become prompts.
import { isAbsolute } from 'node:path'
import type { ServedLocal } from '../config/local-settings.ts'
import { GatewayError } from '../gateway-error.ts'
import type { ModelText } from '../models/model-text.ts'
import { readTokenizer } from '../models/read-tokenizer.ts'
import type { LocalPair } from '../steer/local-pair.ts'
import { HttpEndpoint } from '../upstream/http/http-endpoint.ts'
import { probeServer } from '../upstream/llama-cpp/probe.ts'
import { LlamaCppServer } from '../upstream/llama-cpp/server.ts'
import { startCommandOf } from '../upstream/remote-kind.ts'
import { probeVocabulary } from '../upstream/served/vocabulary-probe.ts'
import { localServerFailure } from './local-server-failure.ts'
import { PairServer } from './pair-server.ts'
import { probeSlots } from './probe-slots.ts'
import { servedPair } from './served-pair.ts'

export interface ServedModel {
  /** The model's name at the server. */
  readonly name: string
  /** Its background tokenizer is the caller's to close. */
  readonly text: ModelText
  readonly pair: LocalPair
  /** Answers whose streams run side by side; further ones wait. */
  readonly answersAtOnce: number
  close(): Promise<void>
}

/** Slots for one answer's two streams, which no other computation empties. */
function startCommand({ port }: { readonly port: string }): string {
  return `llama-server -m MODEL.gguf --port ${port} -np 2 -c 16384 --cache-ram 0`
}

export interface OpeningServedModel {
  /** The bearer token. */
  readonly apiKey: string | undefined
  /** COSTEER_HOME */
  readonly home: string
  /** Breaks off opening. */
  readonly signal?: AbortSignal
}

/**
 * Opens a llama-server as the local model, after checking its slots and that it has the tokens that are known
 * here. Rejects with GatewayError `local_model_failed`, `config_invalid`, `model_unavailable`,
 * `model_file_invalid` or `vocabulary_mismatch`; nothing of a profile is sent.
 */
export async function openServedModel(local: ServedLocal, opening: OpeningServedModel): Promise<ServedModel> {
  const { apiKey } = opening
  const command = startCommandOf(local.url, { startCommand })
  const endpoint = new HttpEndpoint({
    url: local.url,
    who: "The local model's server",
    ...(command !== null && { startCommand: command }),
    timeouts: { connectMs: local.connect_ms, firstByteMs: local.reply_ms, idleMs: local.reply_ms },
    ...(apiKey !== undefined && { apiKey }),
  })
  try {
    return await openedAt(endpoint, local, opening)
  } catch (failure) {
    await endpoint.close()
    throw localServerFailure(failure, endpoint.where)
  }
}

async function openedAt(
  endpoint: HttpEndpoint,
  local: ServedLocal,
  { home, signal = new AbortController().signal }: OpeningServedModel,
): Promise<ServedModel> {
  const { where } = endpoint
  const {
    slots,
    contextTokens,
    served,
    rows: ownRows,
    modelPath,
  } = await probeServer(endpoint, local.model, signal)
  if (slots < 2) {
    const message = `${where} has one slot, and the pair takes two. Start it with -np 2.`
    throw new GatewayError('local_model_failed', message)
  }
  const source = local.tokenizer ?? modelPath
  if (source === undefined) throw withoutTokenizer(`${where} does not say which file it runs`)
  const text = await tokenizerAt(source, { home, isTold: local.tokenizer === undefined, where })
  try {
    const { vocabulary } = text
    const rows = ownRows ?? vocabulary.size
    const named = { endpoint, vocabulary, model: local.model, rows }
    await checkTokens(new LlamaCppServer({ ...named, slots }), { text, source, signal })
    const candidates = Math.min(local.candidates, rows)
    const server = new PairServer({ ...named, served, candidates })
    const goesBack = await probeSlots(server, { where, tokenizer: text.tokenizer, signal })
    return {
      name: served,
      text,
      pair: servedPair({ server, slots, contextTokens, vocabularySize: vocabulary.size, goesBack }),
      answersAtOnce: Math.floor(slots / 2),
      close: () => endpoint.close(),
    }
  } catch (failure) {
    await text.background.close()
    throw failure
  }
}

async function tokenizerAt(
  source: string,
  { home, isTold, where }: { readonly home: string; readonly isTold: boolean; readonly where: string },
): Promise<ModelText> {
  if (isTold && !isAbsolute(source)) throw withoutTokenizer(`${where} does not say where its file lies`)
  try {
    return await readTokenizer(source, home)
  } catch (failure) {
    // Where it was configured, the failure says what to correct.
    if (!isTold || !(failure instanceof GatewayError) || failure.code !== 'model_unavailable') throw failure
    throw withoutTokenizer(`The file that ${where.replace(/^T/, 't')} runs cannot be read here`)
  }
}

function withoutTokenizer(problem: string): GatewayError {
  const message = `${problem}: set local.tokenizer to a GGUF file of its model, or a folder with its tokenizer.json.`
  return new GatewayError('config_invalid', message, { param: 'local.tokenizer' })
}

async function checkTokens(
  server: LlamaCppServer,
  { text, source, signal }: { text: ModelText; source: string; signal: AbortSignal },
): Promise<void> {
  try {
    await probeVocabulary(text.vocabulary, server, signal)
  } catch (failure) {
    if (!(failure instanceof GatewayError) || failure.code !== 'vocabulary_mismatch') throw failure
    const message = `${server.where} has other tokens than ${source}: name the tokenizer of its model in local.tokenizer.`
    throw new GatewayError('vocabulary_mismatch', message)
  }
}

import type { LocalConfig, ServedLocal } from '../../config/local-settings.ts'
import { bearerToken } from '../../gateway/opening/bearer-token.ts'
import { GatewayError } from '../../gateway-error.ts'
import { openServedModel } from '../../local-server/open-served-model.ts'
import type { ModelText } from '../../models/model-text.ts'
import { isLoopback } from '../../upstream/http/loopback.ts'
import { shownName } from '../../upstream/shown-name.ts'
import { type Finding, failed } from './finding.ts'

export interface LocalCheckOptions {
  /** The text side of a model; null when that is not on this machine. */
  readonly textOf: (model: string) => Promise<ModelText | null>
  /** COSTEER_HOME */
  readonly home: string
  readonly timeoutMs: number
}

export interface LocalCheck {
  readonly finding: Finding
  /** The local model's name, as strengths are tuned for it. */
  readonly name: string
  /** Its text side; null when the model is not on this machine. */
  readonly text: ModelText | null
}

/** Where the profile goes, and whether the local model can be opened there. Nothing of a profile is sent. */
export async function localCheck(local: LocalConfig, options: LocalCheckOptions): Promise<LocalCheck> {
  const check = 'local model'
  if (local.kind === 'llama-cpp') return servedCheck(check, local, options)
  const name = local.model
  try {
    const message = `${name} in this process: no profile leaves it.`
    return { finding: { check, status: 'ok', message }, name, text: await options.textOf(name) }
  } catch (failure) {
    return { finding: failed(check, failure), name, text: null }
  }
}

async function servedCheck(
  check: string,
  local: ServedLocal,
  { home, timeoutMs }: LocalCheckOptions,
): Promise<LocalCheck> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const apiKey = await bearerToken(local, 'local')
    const served = await openServedModel(local, { apiKey, home, signal })
    await served.close()
    const { name, text } = served
    return { finding: servedFinding(check, local, served), name, text }
  } catch (failure) {
    const finding = failed(check, signal.aborted ? tooSlow(local, timeoutMs) : failure)
    return { finding, name: local.model ?? '', text: null }
  }
}

function servedFinding(
  check: string,
  { url }: ServedLocal,
  { name, answersAtOnce }: { readonly name: string; readonly answersAtOnce: number },
): Finding {
  const host = new URL(url).hostname
  const message = `The profile goes to ${url}, which serves ${shownName(name)}, for ${answersAtOnce === 1 ? 'one answer' : `${answersAtOnce} answers`} at a time.`
  if (isLoopback(host)) return { check, status: 'ok', message: `${message} That is on this machine.` }
  return {
    check,
    status: 'warn',
    message: `${message} That is another machine, which local.trusted allows: it reads the profile.`,
    fix: 'Run the server on this machine, and set local.url to its loopback address.',
  }
}

function tooSlow({ url }: ServedLocal, timeoutMs: number): GatewayError {
  const message = `${url} did not answer all questions within ${timeoutMs / 1000} s. Try again, or give it longer with --timeout.`
  return new GatewayError('local_model_failed', message)
}

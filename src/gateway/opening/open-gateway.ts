// This room owns the start: from a checked configuration to models loaded, upstreams connected and aligned,
// and profiles followed. It knows nothing of HTTP requests, and of answers only what they are made with.
import { join } from 'node:path'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Config } from '../../config/schema.ts'
import { readFolderAt, removeEverythingRead } from '../../profiles/files/read-folder.ts'
import { ProfileStore } from '../../profiles/profile-store.ts'
import { HistoryIndexes } from '../../profiles/retrieval/history-indexes.ts'
import { openProfiles, selectProfile } from '../../profiles/select-profile.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { isRemote, reasoningField, servesChat, type UpstreamConfig } from '../../upstream/kinds.ts'
import { MAX_PADDING_ROWS } from '../../upstream/served/vocabulary-probe.ts'
import { shownName } from '../../upstream/shown-name.ts'
import { upstreamForAnswer } from '../../upstream/wrappers/upstream-for-answer.ts'
import type { PreparedAnswer } from '../answer.ts'
import type { AnswerRequest, Caller } from '../answer-request.ts'
import { lookaheadPolicy } from '../answering/lookahead-policy.ts'
import { prepareAnswer } from '../answering/prepare-answer.ts'
import { ModelChoices } from '../choosing/model-choices.ts'
import { Spending } from '../costs/spending.ts'
import type { Gateway } from '../gateway.ts'
import type { GatewayConsole } from '../gateway-console.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import { aliasSecret } from '../guarding/alias-secret.ts'
import { type GuardSettings, guardOf } from '../guarding/answer-guard.ts'
import { guardedPassthrough } from '../guarding/guarded-passthrough.ts'
import { stringsOf } from '../guarding/masked-strings.ts'
import { checkTextLength } from '../prompts/check-text-length.ts'
import { previewPrompt } from '../prompts/private-prompt.ts'
import { strengthTrial } from '../strength-trial.ts'
import { upstreamName } from '../upstream-name.ts'
import { type OpenModels, openModels } from './open-models.ts'
import { readiness } from './readiness.ts'
import { ServingModels } from './serving-models.ts'
import type { SteerableUpstream } from './steerable-upstream.ts'

/**
 * Fetches and loads the models, connects the upstreams and loads the profiles. Rejects with a GatewayError
 * whose one sentence says what to change; nothing is left open then.
 */
export async function openGateway(
  loaded: LoadedConfig,
  options: GatewayOptions,
): Promise<Gateway & { readonly console: GatewayConsole }> {
  const { config, profileFolder } = loaded
  const opened: { close(): Promise<void> | void }[] = []
  const closeAll = async () => {
    for (const resource of opened.reverse()) await resource.close()
  }
  try {
    const keptFolder = await keptFolderOf(loaded)
    const serving = new ServingModels(await openModels(config, { ...options, keptFolder }))
    opened.push(serving)
    const home = options.environment.costeerHome
    const profiles = await ProfileStore.open(profileFolder)
    opened.push(profiles)
    const histories = new HistoryIndexes({
      store: profiles,
      folder: join(home, 'text-indexes'),
    })
    opened.push(histories)
    reportProblems(profiles, options)
    if (config.profiles.warm)
      serving.onReplaced(({ warmer }) => warmer.follow(profiles, likeliest(config.profiles)))
    const spending = await Spending.open({
      limits: { perAnswer: config.budget.max_cost_per_answer ?? null, daily: config.budget.daily ?? null },
      file: join(home, 'spending.json'),
      now: Date.now,
      onSpent: options.onSpent,
    })
    opened.push(spending)
    const choices = new ModelChoices({ configured: loaded, serving, options, keptFolder })
    opened.push(choices)
    const { messages, patterns } = config.guard
    const guarding = { secret: await aliasSecret(home), messages, patterns }
    const parts = { serving, choices, profiles, histories, spending, guarding, close: closeAll }
    return Object.assign(assembled(config, parts, options), { console: consoleOf(parts) })
  } catch (failure) {
    await closeAll()
    throw failure
  }
}

/** Where what is read of profiles stays on disk; null for nowhere, and then nothing is left there. */
async function keptFolderOf({ config, profileFolder }: LoadedConfig): Promise<string | null> {
  const { warm, keep_read: isKept } = config.profiles
  if (warm && isKept && config.local.kind === 'embedded') return readFolderAt(profileFolder)
  await removeEverythingRead(profileFolder)
  return null
}

/** Ids of the profiles that callers get without naming one. */
function likeliest({ default: fallback, users }: Config['profiles']): string[] {
  return [fallback, ...Object.values(users)]
}

interface GatewayParts {
  readonly serving: ServingModels
  readonly choices: ModelChoices
  readonly profiles: ProfileStore
  readonly histories: HistoryIndexes
  readonly spending: Spending
  readonly guarding: GuardSettings
  readonly close: () => Promise<void>
}

/** `own`: the configuration's part that is not about models, which others may take the place of. */
function assembled(
  own: Pick<Config, 'profiles' | 'server'>,
  { serving, profiles, histories, spending, guarding, close }: GatewayParts,
  options: GatewayOptions,
): Gateway {
  const created = Math.floor(Date.now() / 1000)
  const { default: defaultProfile, users, allow_header: allowHeader } = own.profiles
  const mapping = { default: defaultProfile, users, allowHeader, keys: own.server.keys }
  const upstreamOf = (name: string) => steerableOf(name, serving.now)
  const profileOf = (caller: Caller) => selectProfile(caller, { mapping, exists: (id) => profiles.has(id) })
  const loadedProfileOf = (caller: Caller) => {
    const id = profileOf(caller)
    return id === null ? null : (profiles.get(id) ?? null)
  }
  return {
    get models() {
      return Object.keys(serving.now.config.models.names).map((id) => ({ id, created }))
    },
    readiness: () => readiness(serving.now.config.models, serving.now.upstreams),
    close,
    upstreamOf(name) {
      const { passthrough, upstream, channels, config: own } = upstreamOf(name)
      const untold = upstream.vocabulary.size - upstream.limits.maxCandidates
      const readsCalls = typeof channels === 'object' && channels?.withTools != null
      const tellsEveryToken = untold <= MAX_PADDING_ROWS
      return { passthrough, tellsEveryToken, readsCalls, reasoningField: reasoningField(own) }
    },
    callerProfiles(caller) {
      const chosen = profileOf(caller)
      const named = profiles.list().map(({ id, name }) => ({ id, name }))
      const open = new Set(openProfiles(caller, { mapping, ids: named.map(({ id }) => id) }))
      return {
        chosen: named.find(({ id }) => id === chosen) ?? null,
        open: named.filter(({ id }) => open.has(id)),
      }
    },
    unsteeredServer(name, caller) {
      const { passthrough, config: own } = upstreamOf(name)
      return passthrough !== null && servesChat(own) && profileOf(caller) === null ? passthrough : null
    },
    guarded(passthrough, caller) {
      const profile = loadedProfileOf(caller)
      if (profile === null || !guarding.messages) return passthrough
      return guardedPassthrough(passthrough, function* guardOfSent(sent) {
        const texts = yield* stringsOf(sent)
        return yield* guardOf(texts, texts.find((text) => text.includes(' ')) ?? '', { profile, guarding })
      })
    },
    async prepare(request: AnswerRequest): Promise<PreparedAnswer> {
      // Others may serve when the profile is read.
      const { now } = serving
      const { config, local, answers } = now
      const { upstream, config: own, strength, retries, ...parts } = steerableOf(request.model, now)
      checkTextLength(request.prompt, upstream)
      const profile = loadedProfileOf(request.caller)
      if (profile !== null) await histories.ready(profile)
      const cost = own.price === undefined ? null : spending.begin(own.price)
      return prepareAnswer(request, {
        upstream: upstreamForAnswer(upstream, { retries, onInFlight: options.onInFlight }),
        chatEncoding: parts.chatEncoding,
        text: parts.text,
        local: { pair: parts.pair, text: local },
        alignment: parts.alignment,
        channels: parts.channels,
        thinking: parts.thinking,
        servesChat: servesChat(own),
        profile,
        guarding,
        steering: {
          strength: cost?.endsSteering ? 0 : (request.overrides.strength ?? strength),
          candidates: parts.candidates,
          fidelity: config.steering.fidelity,
          gate: config.steering.gate === 'off' ? null : config.steering.gate,
          onLocalFailure: config.local.on_failure,
          leakBudgetBits: config.guard.leak_budget_bits ?? null,
        },
        cost,
        defaultMaxTokens: defaultMaxTokens(own, upstream),
        lookahead: () =>
          lookaheadPolicy(config.steering, {
            requested: request.overrides.lookahead,
            embedded: !isRemote(own),
            answers: answers.count,
            atOnce: cost === null ? undefined : () => cost.atOnce,
            throttle: parts.throttle.recall(),
            localPasses: parts.pair.passes,
          }),
        onLookaheadEnd: (throttle) => parts.throttle.note(throttle),
        onFinish: (report) => {
          spending.keep()
          options.onDecoded?.(report)
        },
      })
    },
  }
}

/** What steers the answers of a model that clients name. */
function steerableOf(name: string, { config, upstreams }: OpenModels): SteerableUpstream {
  return upstreams.get(upstreamName(config.models, name)) as SteerableUpstream
}

const DEFAULT_ANSWERS_IN_WINDOW = 16

/** Servers end an answer where its request sets no limit; a small model in this process may not. */
function defaultMaxTokens(config: UpstreamConfig, { limits }: Upstream): number {
  if (isRemote(config)) return limits.contextTokens
  return config.answer_tokens ?? Math.ceil(limits.contextTokens / DEFAULT_ANSWERS_IN_WINDOW)
}

function consoleOf({ serving, choices, profiles, histories }: GatewayParts): GatewayConsole {
  return {
    profiles,
    choices,
    get memory() {
      return serving.now.memory
    },
    localUsage: () => serving.now.engine.usage(),
    get localModel() {
      return shownName(serving.now.model.name)
    },
    get localBits() {
      return serving.now.model.bits
    },
    get models() {
      const { config, upstreams } = serving.now
      return Object.entries(config.models.names).map(([id, target]) => {
        const { upstream, config: own, strength } = upstreams.get(target) as SteerableUpstream
        const large = shownName(upstream.model)
        return { id, upstream: large, configuredAs: target, embedded: !isRemote(own), strength }
      })
    },
    tryStrengths(profile, { model: name, ...options }) {
      const { now } = serving
      return strengthTrial(profile, steerableOf(name, now), { ...options, local: now.local })
    },
    preview: async (profile, question) => {
      await histories.ready(profile)
      const { local, answers } = serving.now
      return local.background.run((tokenizer) =>
        previewPrompt(profile, question, {
          window: { tokenizer, contextTokens: answers.pair.contextTokens },
        }),
      )
    },
  }
}

function reportProblems(profiles: ProfileStore, { onProfileProblem }: GatewayOptions): void {
  for (const problem of profiles.problems()) onProfileProblem?.(problem)
  profiles.onChange((change) => {
    if (change.type === 'profile-broken') for (const problem of change.problems) onProfileProblem?.(problem)
  })
}

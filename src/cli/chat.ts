import type { Command } from 'commander'
import { GatewayError } from '../gateway-error.ts'
import { type ChatCommandResult, chatCommand } from './chat/chat-commands.ts'
import { type ChatDisplay, silentDisplay } from './chat/chat-display.ts'
import { activeProfile, readProfiles, requireProfile } from './chat/chat-profiles.ts'
import { type ChatExchange, ChatSession } from './chat/chat-session.ts'
import { terminalDisplay } from './chat/terminal-display.ts'
import { readToolsFile } from './chat/tools-file.ts'
import { TypedLines } from './chat/typed-lines.ts'
import { openOwnGateway } from './gateway-access/own-gateway.ts'
import { type Ask, type GatewayOptions, namedGateway } from './gateway-access/running-gateway.ts'
import { firstModel } from './gateway-access/served-models.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { writeJson, writeRemark, writeText } from './terminal/command-output.ts'
import { integerFrom, numberIn } from './terminal/number-option.ts'
import { paintFor } from './terminal/terminal-style.ts'

const UNREACHABLE_ADVICE =
  'Start one with "costeer serve", give its address with --url, or run one here with --config FILE.'

interface ChatOptions extends GatewayOptions {
  readonly config?: string
  readonly model?: string
  readonly profile?: string
  readonly system?: string
  readonly strength?: number
  readonly temperature: number
  readonly seed?: number
  readonly tokens: number
  readonly tools?: string
  readonly compare: boolean
  readonly once?: string
  readonly json: boolean
}

/** `costeer chat`: a conversation in the terminal. Rejects with GatewayError. */
export function addChatCommand(program: Command): void {
  program
    .command('chat')
    .description('Talk to the running gateway, or with --config to one that runs inside this command.')
    .option('-u, --url <url>', "the gateway's address (default: this machine, port COSTEER_PORT or 8787)")
    .option('-c, --config <file>', 'run a gateway here, with this configuration')
    .option('--api-key-env <name>', 'environment variable that holds the API key')
    .option('-m, --model <name>', 'model (default: the first that the gateway lists)')
    .option('--profile <id>', 'profile (default: what the gateway gives this caller)')
    .option('--system <text>', 'system prompt; goes to the upstream')
    .option('--strength <number>', 'how much the profile counts', numberIn(0, 20))
    .option('--temperature <number>', '0 is greedy', numberIn(0, 2), 0.6)
    .option('--seed <integer>', 'the same seed gives the same answer', integerFrom(0))
    .option('-n, --tokens <count>', 'longest answer', integerFrom(1), 512)
    .option('--tools <file>', "functions that the model may call, as a JSON list of OpenAI's `tools`")
    .option(
      '--compare',
      'answer without and with the profile; in two columns where the terminal is wide enough',
      false,
    )
    .option('--once <prompt>', 'ask this and end')
    .option('--json', 'print each answer as JSON, without streaming', false)
    .action(chat)
}

async function chat(options: ChatOptions, command: Command): Promise<void> {
  const tools = options.tools === undefined ? undefined : await readToolsFile(options.tools)
  const { ask, close } = await openAccess(options, command)
  try {
    const { profile, strength, temperature, seed, compare } = options
    const profiles = await readProfiles(ask, profile)
    requireProfile(profile, profiles)
    const model = options.model ?? (await firstModel(ask))
    const chosen = { profile, strength, temperature, seed, tools, compare }
    const settings = { model, maxTokens: options.tokens, ...chosen }
    const session = new ChatSession(ask, settings, options.system)
    const active = activeProfile(profile, profiles)
    if (options.once === undefined) await converse(session, { ask, active, options, command })
    else await askOnce(session, options.once, { active, options, command })
  } finally {
    await close()
  }
}

async function openAccess(
  options: ChatOptions,
  command: Command,
): Promise<{ ask: Ask; close: () => Promise<void> }> {
  const { url, config } = options
  if (config !== undefined && url !== undefined) {
    throw new GatewayError(
      'invalid_request',
      'Give either --url or --config: there is one gateway to talk to.',
    )
  }
  if (config !== undefined) {
    return openOwnGateway(await loadCommandConfig(config), (line) => writeRemark(command, line))
  }
  return { ask: namedGateway(options, UNREACHABLE_ADVICE), close: async () => {} }
}

async function askOnce(
  session: ChatSession,
  prompt: string,
  { active, options, command }: Pick<Conversation, 'active' | 'options' | 'command'>,
): Promise<void> {
  if (active !== null && !options.json) writeRemark(command, `(${active})`)
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  try {
    const exchange = await session.say(prompt, displayFor(options, command), interrupt.signal)
    remarkUnsteered(exchange, command)
    if (options.json) writeJson(command, exchangeJson(session, exchange))
  } finally {
    process.off('SIGINT', onSignal)
  }
}

interface Conversation {
  readonly ask: Ask
  /** Whom answers are for, as the end of a sentence; null where nobody knows. */
  readonly active: string | null
  readonly options: ChatOptions
  readonly command: Command
}

async function converse(
  session: ChatSession,
  { ask, active, options, command }: Conversation,
): Promise<void> {
  const { stdin, stdout } = process
  const terminal = stdin.isTTY === true && stdout.isTTY === true ? stdout : null
  const { model } = session.settings
  if (terminal !== null)
    writeRemark(
      command,
      `Talking to ${model}${active === null ? '' : `, ${active}`}. /help shows what else you can type.`,
    )
  else if (active !== null && !options.json) writeRemark(command, `(${active})`)
  const lines = new TypedLines({ input: stdin, terminal })
  let running: AbortController | null = null
  const onInterrupt = () => (running === null ? lines.close() : running.abort())
  lines.onInterrupt(onInterrupt)
  process.on('SIGINT', onInterrupt)
  try {
    for await (const line of lines) {
      const profiles = () => readProfiles(ask, session.settings.profile)
      const done = await chatCommand(line, session, profiles).catch(said)
      if (done?.type === 'exit') break
      if (done?.type === 'said') writeRemark(command, done.text)
      else if (line.trim() !== '') {
        running = new AbortController()
        await answerLine(line, session, { options, command, signal: running.signal })
        running = null
      }
    }
  } finally {
    lines.close()
    process.off('SIGINT', onInterrupt)
  }
}

/** A failed command does not end the conversation. */
function said(failure: unknown): ChatCommandResult {
  if (failure instanceof GatewayError) return { type: 'said', text: failure.message }
  throw failure
}

/** A failed question does not end the conversation. */
async function answerLine(
  line: string,
  session: ChatSession,
  { options, command, signal }: { options: ChatOptions; command: Command; signal: AbortSignal },
): Promise<void> {
  try {
    const exchange = await session.say(line, displayFor(options, command), signal)
    remarkUnsteered(exchange, command)
    if (options.json) writeText(command, `${JSON.stringify(exchangeJson(session, exchange))}\n`)
  } catch (failure) {
    if (!(failure instanceof GatewayError)) throw failure
    writeRemark(command, failure.message)
  }
}

function remarkUnsteered({ unsteered, answer }: ChatExchange, command: Command): void {
  if (unsteered === null || answer.steering !== 'off') return
  writeRemark(command, 'Both answers are unsteered: this caller has no profile. Name one with --profile.')
}

function displayFor({ json }: ChatOptions, command: Command): ChatDisplay {
  if (json) return silentDisplay
  const { isTTY, columns = 0, rows = 0 } = process.stdout
  return terminalDisplay(command, {
    terminal: isTTY === true ? { columns, rows } : null,
    paint: paintFor(process.stdout),
  })
}

function exchangeJson({ settings }: ChatSession, { unsteered, answer }: ChatExchange): object {
  return {
    model: settings.model,
    profile: settings.profile ?? null,
    ...answer,
    ...(unsteered && { unsteered }),
  }
}

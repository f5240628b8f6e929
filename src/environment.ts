import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { GatewayError } from './gateway-error.ts'

const text = z
  .string()
  .trim()
  .transform((value) => (value === '' ? undefined : value))
  .optional()

const flag = z
  .string()
  .optional()
  .transform((value) => value !== undefined && /^(1|on|true|yes)$/i.test(value.trim()))

/** The environment variables that the program heeds, each with what it means. */
export const environmentSchema = z.object({
  COSTEER_HOME: text.describe(
    "Folder of models and prepared graphs (default: `costeer` in the user's cache folder).",
  ),
  COSTEER_CONFIG: text.describe('Configuration file of commands that name none.'),
  COSTEER_PORT: text
    .refine((port) => port === undefined || /^\d{1,5}$/.test(port), 'is not a port number')
    .transform((port) => (port === undefined ? undefined : Number(port)))
    .refine((port) => port === undefined || port <= 65_535, 'is not a port number')
    .describe('Port to listen on, unless `--port` says it.'),
  HF_ENDPOINT: text.describe('Another address of the Hugging Face Hub.'),
  HF_TOKEN: text.describe('Token for the hub.'),
  HF_HUB_OFFLINE: flag.describe('`1` takes files of the hub from its cache alone.'),
  HF_HUB_CACHE: text.describe("The hub's own cache, shared with other programs."),
  HF_HOME: text.describe('Folder that holds that cache, as `hub`.'),
  OLLAMA_MODELS: text.describe(
    "Folder of Ollama's models, from which `costeer import ollama:NAME` takes one.",
  ),
  XDG_CACHE_HOME: text.describe("The user's cache folder."),
  XDG_CONFIG_HOME: text.describe("The user's configuration folder, in which `costeer` is looked at."),
  LOCALAPPDATA: text.describe('The cache folder on Windows.'),
  APPDATA: text.describe('The configuration folder on Windows.'),
  NO_COLOR: text.describe('Any value: no colours in a terminal.'),
})

/** The environment variables that this program heeds, checked. No other file touches `process.env`. */
export interface Environment {
  /** COSTEER_HOME, or `costeer` in the user's cache folder: where models are kept. */
  readonly costeerHome: string
  /**
   * `costeer` in the user's configuration folder: where a configuration and profiles of the user's own are
   * looked for.
   */
  readonly configHome: string
  /** COSTEER_CONFIG: the configuration file. */
  readonly configFile?: string
  /** COSTEER_PORT */
  readonly port?: number
  /** HF_ENDPOINT: another address of the Hugging Face Hub. */
  readonly hubUrl?: string
  /** HF_TOKEN */
  readonly hubToken?: string
  /** HF_HUB_OFFLINE: files of the hub come from its cache alone. */
  readonly hubOffline: boolean
  /**
   * HF_HUB_CACHE, or where HF_HOME or the platform puts it: the hub's own cache, shared with other programs.
   */
  readonly hubCache: string
  /** OLLAMA_MODELS, or the folders where Ollama keeps models by itself. */
  readonly ollamaModels: readonly string[]
  /** False when NO_COLOR is set. */
  readonly color: boolean
}

type Variables = Readonly<Record<string, string | undefined>>

/** Reads the environment. Throws GatewayError `config_invalid` for a value that makes no sense. */
export function readEnvironment(variables: Variables = process.env): Environment {
  const parsed = environmentSchema.safeParse(variables)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
    throw new GatewayError('config_invalid', `The environment variable ${problems.join('; ')}.`)
  }
  const values = parsed.data
  const cache = values.XDG_CACHE_HOME ?? platformCache(values.LOCALAPPDATA)
  const huggingFace =
    values.HF_HOME ?? join(values.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface')
  return {
    costeerHome: values.COSTEER_HOME ?? join(cache, 'costeer'),
    configHome: join(values.XDG_CONFIG_HOME ?? platformConfig(values.APPDATA), 'costeer'),
    ...(values.COSTEER_CONFIG !== undefined && { configFile: values.COSTEER_CONFIG }),
    ...(values.COSTEER_PORT !== undefined && { port: values.COSTEER_PORT }),
    ...(values.HF_ENDPOINT !== undefined && { hubUrl: values.HF_ENDPOINT.replace(/\/+$/, '') }),
    ...(values.HF_TOKEN !== undefined && { hubToken: values.HF_TOKEN }),
    hubOffline: values.HF_HUB_OFFLINE,
    hubCache: values.HF_HUB_CACHE ?? join(huggingFace, 'hub'),
    ollamaModels:
      values.OLLAMA_MODELS === undefined
        ? [join(homedir(), '.ollama', 'models'), '/usr/share/ollama/.ollama/models']
        : [values.OLLAMA_MODELS],
    color: values.NO_COLOR === undefined,
  }
}

/**
 * The value of a variable that the configuration names (`api_key_env`); undefined when it is unset or empty.
 */
export function environmentVariable(name: string, variables: Variables = process.env): string | undefined {
  return variables[name]?.trim() || undefined
}

/**
 * Keeps onnxruntime from reporting to its maker and from leaving a device id and event files in the user's
 * folders. It decides when it is loaded, so this comes first; and in the main thread, since a worker has only
 * a copy of the environment.
 */
export function refuseTelemetry(variables: Record<string, string | undefined> = process.env): void {
  variables.ORT_DISABLE_TELEMETRY = '1'
}

function platformCache(localAppData: string | undefined): string {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches')
  if (platform() === 'win32') return localAppData ?? join(homedir(), 'AppData', 'Local')
  return join(homedir(), '.cache')
}

function platformConfig(appData: string | undefined): string {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support')
  if (platform() === 'win32') return appData ?? join(homedir(), 'AppData', 'Roaming')
  return join(homedir(), '.config')
}

/** One run of a client's agent, with one tool that runs here. */
export interface AgentRun {
  /** The calls that reached the tool, in order. */
  readonly calls: readonly unknown[]
  /** What the agent said in the end. */
  readonly text: string
}

export const MODEL = 'costeer'
export const QUESTION = 'What is the weather in Oslo? Use the tool.'
export const TOOL_DESCRIPTION = 'Tells the weather in a city.'
export const WEATHER_REPORT = 'Rain all day, 7 degrees.'
export const profileHeader = { 'x-costeer-profile': 'hamish-baird' }
/** Of each answer. */
export const MAX_TOKENS = 120

/** Where an agent's model is: the gateway's or the server's base URL. */
export type RunAgent = (baseUrl: string) => Promise<AgentRun>

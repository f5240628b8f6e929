import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { type Arrived, listeningServer } from '../../upstream/http/listening-server.ts'
import { end, type Script, text } from '../app-under-test/scripted-gateway.ts'
import { testApp } from '../app-under-test/test-app.ts'

export type Answer = Parameters<typeof listeningServer>[0]

export const steeredChoices: Script['choices'] = [[text('steered'), end(1)]]
export const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }]

/** The app before a server that answers what the gateway cannot. */
export async function appBeforeServer(answer: Answer, tellsEveryToken = true, readsCalls = false) {
  const server = await listeningServer(answer)
  const passthrough = openPassthrough({ url: server.url, model: 'up', apiKey: 'server-key' })
  const script: Script = {
    choices: steeredChoices,
    upstream: { passthrough, tellsEveryToken, readsCalls },
  }
  return { behind: server, script, ...testApp({ script }) }
}

/** Answers with what arrived. */
export const echo: Answer = (response, { url, body }: Arrived) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ model: 'up', url, received: body.toString() }))
}

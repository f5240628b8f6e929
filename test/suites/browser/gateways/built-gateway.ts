import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const program = join(root, 'dist/main.js')

export interface BuiltGateway {
  readonly url: string
  readonly profileFolder: string
  stop(): Promise<void>
}

/** Starts the built program as `npm start` does, with a copy of the example profiles in `folder`. */
export async function startBuiltGateway(folder: string): Promise<BuiltGateway> {
  if (!existsSync(program)) throw new Error('The program is not built. Run "npm run build" first.')
  const profileFolder = join(folder, 'profiles')
  cpSync(join(root, 'profiles'), profileFolder, { recursive: true })
  const config = join(folder, 'config.yaml')
  const shipped = readFileSync(join(root, 'config/default.yaml'), 'utf8')
  writeFileSync(config, shipped.replace('folder: ../profiles', 'folder: ./profiles'))
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--port', '0'])
  const ended = once(child, 'exit')
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const ready = /ready\..*?(http:\S+)\/v1/.exec(said)?.[1]
        if (ready !== undefined) resolve(ready)
      })
    }
    ended.then(() => reject(new Error(`The gateway ended:\n${said}`)), reject)
  })
  return {
    url: `${url}/`,
    profileFolder,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

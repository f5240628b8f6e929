import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'

const SECRET_BYTES = 32

/**
 * The secret of which aliases are made: that of the gateway's own folder, so that a conversation keeps its
 * aliases when the gateway starts again. It is made where there is none, readable by its owner alone; in a
 * folder that cannot be written it lasts as long as the process. Rejects with `config_invalid`.
 */
export async function aliasSecret(folder: string): Promise<Uint8Array> {
  const file = join(folder, 'alias-secret')
  return (await storedSecret(file)) ?? (await newSecret(folder, file))
}

async function storedSecret(file: string): Promise<Uint8Array | null> {
  const stored = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    const message = `The secret for aliases in ${file} cannot be read (${error.code}). Make it readable.`
    throw new GatewayError('config_invalid', message, { cause: error })
  })
  if (stored === null || stored.length === SECRET_BYTES) return stored
  const message = `${file} does not hold ${SECRET_BYTES} bytes. Delete it: a new one is made then.`
  throw new GatewayError('config_invalid', message)
}

/** Written whole or not at all, whoever else starts in the same moment: then that one's is taken. */
async function newSecret(folder: string, file: string): Promise<Uint8Array> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const secret = randomBytes(SECRET_BYTES)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(draft, secret, { mode: 0o600, flag: 'wx' })
    await link(draft, file)
    return secret
  } catch {
    return (await storedSecret(file)) ?? secret
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
}

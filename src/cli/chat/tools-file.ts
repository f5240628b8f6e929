import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { readProblem, readRegularFile } from '../../read-regular-file.ts'

const MAX_BYTES = 1024 * 1024
const toolsSchema = z.array(z.looseObject({ type: z.string() }))

/** The tools that a file offers, a JSON list as in OpenAI's requests. Rejects with `invalid_request`. */
export async function readToolsFile(path: string): Promise<readonly object[]> {
  const bytes = await readRegularFile(path, MAX_BYTES).catch((error: unknown) => {
    throw refused(path, readProblem(error), error)
  })
  try {
    return toolsSchema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    throw refused(path, 'it must hold a JSON list of tools, each with a "type"', error)
  }
}

function refused(path: string, problem: string, cause: unknown): GatewayError {
  return new GatewayError('invalid_request', `The tools of ${path} cannot be used: ${problem}.`, { cause })
}
